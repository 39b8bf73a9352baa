#!/usr/bin/env bash
# Installs what the checks need and runs them all; exits with 1 if one fails.
set -eu
CDPATH="" cd -- "$(dirname -- "${BASH_SOURCE[0]}")"
. chatcms/runtime/find_python.sh
. chatcms/runtime/options.sh

read_options "Usage: ./test-all.sh

Installs what the checks need and runs them all: lint, format, packages, types, imports, migrations, tests.
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

# Runs a check beside the tests; its output comes whole when it is done, in between theirs.
beside() {
    local name=$1 output
    shift
    if output=$("$@" </dev/null 2>&1); then
        echo "$name" >>"$passed"
    fi
    printf '\n== %s\n%s\n' "$name" "$output"
}

find_python
"$PY" -I chatcms/runtime/install.py --dev
if ! find_chromium && ! { install_chromium && find_chromium; }; then
    echo "The browser tests need Chromium or Chrome. Cure: apt-get install chromium (Debian), install Chrome, or set CHROMIUM_PATH." >&2
    exit 1
fi

VENV=$PWD/.venv/bin
# The tests start some hundred processes: none is to compile all modules anew.
unset PYTHONDONTWRITEBYTECODE
export LOCAL_MODEL_DIR="${LOCAL_MODEL_DIR:-$PWD/var/models/all-MiniLM-L6-v2}"
MULTILINGUAL_MODEL_DIR="${MULTILINGUAL_MODEL_DIR:-$(dirname -- "$LOCAL_MODEL_DIR")/multilingual-e5-small}"
export MULTILINGUAL_MODEL_DIR
check model "$VENV/python" -m providers.adapters.local.install_model --dest "$LOCAL_MODEL_DIR"
check "multilingual model" "$VENV/python" -m providers.adapters.local.install_model \
    --dest "$MULTILINGUAL_MODEL_DIR" --model multilingual-e5-small
check lint "$VENV/python" -m ruff check .
check format "$VENV/python" -m ruff format --check .
check packages "$VENV/python" -m deptry . --config .deptry.toml

passed=$(mktemp)
{
    beside types "$VENV/python" -m mypy .
    beside imports "$VENV/python" -c "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    beside migrations "$VENV/python" -m chatcms.runtime throwaway "$VENV/python" manage.py makemigrations --check --dry-run
} &
others=$!
trap 'kill "$others" 2>/dev/null || true; rm -f "$passed"' EXIT
if [ -n "$failed" ]; then
    echo
    echo "FAILED before the tests:$failed"
fi
# More processes than cores: many tests wait for others most of the time. chatcms/tests/scheduling.py says which runs
# what when. A file that failed runs once more by itself at the end: chatcms/tests/suite.py.
check tests "$VENV/python" -m chatcms.tests.suite
wait "$others"
for name in types imports migrations; do
    grep -qx "$name" "$passed" || failed="$failed $name"
done
if [ -n "$failed" ]; then
    echo
    echo "FAILED:$failed"
    exit 1
fi
