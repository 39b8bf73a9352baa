#!/usr/bin/env bash
# Installs what the checks need and runs them all; exits with 1 if one fails.
set -eu
CDPATH="" cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
. chatcms/runtime/find_python.sh
. chatcms/runtime/options.sh

read_options "Usage: ./test-all.sh

Installs what the checks need and runs them all: lint, format, types, imports, migrations, tests.
Exits with 1 if one fails.

  -h, --help  show this and run nothing" "" "$@"

find_chromium() {
    local name
    for name in "${CHROMIUM_PATH:-}" chromium chromium-browser google-chrome google-chrome-stable \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
        "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
        if [ -n "$name" ] && command -v "$name" >/dev/null 2>&1; then
            CHROMIUM_PATH=$(command -v "$name")
            export CHROMIUM_PATH
            return 0
        fi
    done
    return 1
}

install_chromium() {
    if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
        return 1
    fi
    echo "Installing Chromium for the browser tests."
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq >/dev/null && apt-get install -y -qq --no-install-recommends chromium >/dev/null
}

failed=""
check() {
    local name=$1
    shift
    echo
    echo "== $name"
    "$@" </dev/null || failed="$failed $name"
}

find_python
"$PY" -I chatcms/runtime/install.py --dev
if ! find_chromium && ! { install_chromium && find_chromium; }; then
    echo "The browser tests need Chromium or Chrome. Cure: apt-get install chromium (Debian), install Chrome, or set CHROMIUM_PATH." >&2
    exit 1
fi

VENV=$PWD/.venv/bin
export LOCAL_MODEL_DIR="${LOCAL_MODEL_DIR:-$PWD/var/models/all-MiniLM-L6-v2}"
check model "$VENV/python" -m providers.adapters.local.install_model --dest "$LOCAL_MODEL_DIR"
check lint "$VENV/python" -m ruff check .
check format "$VENV/python" -m ruff format --check .
check types "$VENV/python" -m mypy .
check imports "$VENV/python" -c "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
check migrations "$VENV/python" -m chatcms.runtime throwaway "$VENV/python" manage.py makemigrations --check --dry-run
if [ -n "$failed" ]; then
    echo
    echo "FAILED before the tests:$failed"
fi
# Two processes: many tests wait for others most of the time. chatcms/tests/scheduling.py says which runs what when.
# A file that failed runs once more by itself at the end: chatcms/tests/suite.py.
check tests "$VENV/python" -m chatcms.tests.suite
[ -z "$failed" ]
