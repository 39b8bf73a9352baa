"""The engine behind start-all.sh, status.sh and stop-all.sh: `python -m chatcms.runtime up`, and so on."""

from __future__ import annotations

import argparse
import errno
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from .errors import SetupError
from .lock import exclusive
from .paths import ROOT, layout
from .services import start_services, stop_services
from .start import up
from .status import show_status
from .stop import down
from .supervisor import supervise

DESPITE = "--despite-failed-tenants"
COMMANDS = {
    "up": "start everything that does not run and wait until it is ready",
    "status": "show each service; exit with 1 if one is down",
    "down": "stop what was started",
    "supervise": "start again what dies, in this process (start-all.sh starts it)",
    "services-up": "start only the embedded PostgreSQL and Valkey",
    "services-down": "stop only those two",
    "throwaway": "run a command with fresh services that are gone afterwards",
}


def main(arguments: Sequence[str]) -> int:
    """Run one command; a problem a person can cure is one line on stderr and exit code 1."""
    parser = argparse.ArgumentParser(prog="python -m chatcms.runtime", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, summary in COMMANDS.items():
        command = commands.add_parser(name, help=summary)
        if name == "throwaway":
            command.add_argument("words", nargs=argparse.REMAINDER, help="the command and its arguments")
        if name == "up":
            command.add_argument(DESPITE, action="store_true", help="start although tenants could not be migrated")
    chosen = parser.parse_args(arguments)
    if getattr(chosen, "despite_failed_tenants", False):
        os.environ["START_WITH_FAILED_TENANTS"] = "true"
    try:
        return _run(chosen.command, getattr(chosen, "words", []))
    except SetupError as problem:
        print(f"\n{problem}", file=sys.stderr)
        if problem.detail:
            print(problem.detail, file=sys.stderr)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        print("\nThe disk is full. Cure: free some space, then run this again.", file=sys.stderr)
    return 1


def _run(command: str, words: list[str]) -> int:
    place = layout()
    if command == "throwaway":
        return _throwaway(words)
    place.require_ours()
    if command == "status":
        return 0 if show_status(place, os.environ) else 1
    if command == "up":
        up(place, os.environ)
    elif command == "supervise":
        supervise(place, os.environ)
    elif command == "down":
        down(place)
    else:
        place.prepare()
        with exclusive(place):
            (start_services if command == "services-up" else stop_services)(place.var)
    return 0


def _throwaway(words: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="chatcms-throwaway-") as folder:
        services = start_services(Path(folder), durable=False)
        try:
            env = {**os.environ, **services.environment}
            return subprocess.run(words, env=env, cwd=ROOT, check=False).returncode
        finally:
            stop_services(services)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
