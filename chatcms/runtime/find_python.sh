# Sourced by the scripts beside manage.py: sets PY to a Python that is new enough, or says how to get one.
# PYTHON names another one to try first.
find_python() {
    local candidate
    for candidate in "${PYTHON:-}" python3.12 python3.13 python3.11 python3 python; do
        [ -n "$candidate" ] && command -v "$candidate" >/dev/null 2>&1 || continue
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            PY=$candidate
            return 0
        fi
    done
    if command -v python3 >/dev/null 2>&1; then
        echo "Python 3.11 or later is needed, but $(command -v python3) is $(python3 -V 2>&1)." >&2
    else
        echo "Python 3.11 or later is needed, but there is none on the PATH." >&2
    fi
    echo "Cure: apt-get install python3 python3-venv (Debian 12, Ubuntu 24.04 or later), brew install python@3.12 (macOS), or PYTHON=/path/to/python3.12 $0" >&2
    return 1
}
