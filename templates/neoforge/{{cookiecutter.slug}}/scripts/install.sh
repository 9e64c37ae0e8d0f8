#!/usr/bin/env bash
# Brings `.venv` to what requirements.lock says. May be killed at any time and run again.
set -euo pipefail
cd "$(dirname "$0")/.."

wanted=$(python3 -c 'import hashlib, sys; print(sys.version_info[:2], hashlib.sha256(open("requirements.lock", "rb").read()).hexdigest())')
if [ "$(cat .venv/installed 2>/dev/null)" = "$wanted" ]; then
    exit 0
fi

rm -f .venv/installed
if ! .venv/bin/python -c 'import pip' 2>/dev/null; then
    rm -rf .venv
    python3 -m venv .venv
fi
.venv/bin/python -m pip install --no-compile --disable-pip-version-check -q -r requirements.lock
printf '%s\n' "$wanted" >.venv/installed
