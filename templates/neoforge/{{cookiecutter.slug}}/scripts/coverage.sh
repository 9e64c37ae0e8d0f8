#!/usr/bin/env bash
# Runs the tests and reports which lines of `app` they reach.
set -euo pipefail
cd "$(dirname "$0")/.."

mkdir -p var
.venv/bin/coverage run -m pytest
.venv/bin/coverage report
