#!/usr/bin/env bash
# Everything that a change must pass.
set -euo pipefail
cd "$(dirname "$0")/.."

bash scripts/lint.sh
.venv/bin/mypy app tests
bash scripts/coverage.sh
bash scripts/build.sh
