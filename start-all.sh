#!/usr/bin/env bash
# Installs what is missing and starts everything; running it again changes nothing.
set -eu
CDPATH="" cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
. chatcms/runtime/find_python.sh

find_python
"$PY" -I chatcms/runtime/install.py
exec .venv/bin/python -m chatcms.runtime up
