#!/usr/bin/env bash
# Stops exactly what start-all.sh has started, letting it finish its work.
set -eu
CDPATH="" cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
. chatcms/runtime/options.sh

read_options "Usage: ./stop-all.sh

Stops exactly what ./start-all.sh has started, letting it finish its work. The data stays.

  -h, --help  show this and stop nothing" "" "$@"

if [ ! -x .venv/bin/python ]; then
    echo "Nothing is installed here, so nothing runs."
    exit 0
fi
exec .venv/bin/python -m chatcms.runtime down
