#!/usr/bin/env bash
# Compiles the product, imports it, and proves that the migrations make exactly the tables it needs.
set -euo pipefail
cd "$(dirname "$0")/.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export DATABASE_URL="sqlite:///$scratch/build.db" SECRET_KEY=build

.venv/bin/python -m compileall -q app migrations
.venv/bin/python -c 'import app.main; app.main.app.openapi()'
.venv/bin/alembic upgrade head
.venv/bin/alembic check
