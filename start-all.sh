#!/usr/bin/env bash
# Installs what is missing and starts everything; running it again changes nothing.
set -eu
CDPATH="" cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
. chatcms/runtime/find_python.sh
. chatcms/runtime/options.sh

read_options "Usage: ./start-all.sh [--despite-failed-tenants]

Installs what is missing and starts PostgreSQL, Valkey, web server, worker, scheduler and
supervisor; waits until all are ready.
Running it again changes nothing, or restarts what is older than the code or .env. Settings: .env.example.

  --despite-failed-tenants  start although the schema of a tenant could not be migrated; nobody enters that tenant
                            until it is
  -h, --help                show this and start nothing" "--despite-failed-tenants" "$@"

find_python
"$PY" -I chatcms/runtime/install.py
exec .venv/bin/python -m chatcms.runtime up "$@"
