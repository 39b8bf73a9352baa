#!/usr/bin/env bash
# Shows each service; exits with 1 if one is down.
set -eu
CDPATH="" cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
. chatcms/runtime/options.sh

read_options "Usage: ./status.sh

Shows each service that ./start-all.sh has started; exits with 1 if one is down.

  -h, --help  show this" "" "$@"

if [ ! -x .venv/bin/python ]; then
    echo "Nothing is installed here yet. Cure: ./start-all.sh" >&2
    exit 1
fi
exec .venv/bin/python -m chatcms.runtime status
