#!/usr/bin/env bash
# Stops exactly what start-all.sh has started, letting it finish its work.
set -eu
CDPATH="" cd -- "$(dirname -- "${BASH_SOURCE[0]}")"

if [ ! -x .venv/bin/python ]; then
    echo "Nothing is installed here, so nothing runs."
    exit 0
fi
exec .venv/bin/python -m chatcms.runtime down
