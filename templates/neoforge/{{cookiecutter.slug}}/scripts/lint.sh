#!/usr/bin/env bash
# Checks the style of the code and its layout.
set -euo pipefail
cd "$(dirname "$0")/.."

.venv/bin/ruff check
.venv/bin/ruff format --check
