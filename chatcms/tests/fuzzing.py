"""Has schemathesis ask the API as one caller, and tells what came of it.

Every caller asks what it may in chains of links. What one may not do is asked by two, who between them are refused
everything in both ways (401 and 403). The longest parts are shared out, each operation to one of those who may use it:
the schema's examples, every edge of every parameter ("coverage"), made-up values ("fuzzing"). Who may do what, and
whose data it shows, is the business of other tests (`test_matrix.py`, `test_foreign_ids.py`). A search
(`SCHEMATHESIS_EXAMPLES`) has everybody ask everything.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from string import Template

from chatcms.config.environment import BASE_DIR
from chatcms.tests.rights import CALLERS, may
from chatcms.tests.route_table import TABLE
from chatcms.tests.world import Headers

SEARCH = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "0"))
# Nobody is told 401; whoever may only chat, 403.
REFUSED_EVERYTHING = frozenset({"anonymous", "key: chat"})
CHAINS = int(os.environ.get("SCHEMATHESIS_CHAINS", "20"))
_BASE = Path(__file__).with_name("schemathesis.toml")
_PROGRAM = "import sys; from schemathesis.cli import schemathesis; sys.exit(schemathesis())"
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
_COVERED = re.compile(r"API Links: +(\d+) covered")


@dataclass(frozen=True)
class Run:
    """How schemathesis ended, and how many different links of the schema it followed."""

    code: int
    report: str
    links: int


def ask_as(caller: str, *, server: str, schema: Path, headers: Headers, folder: Path) -> Run:
    """Let schemathesis ask everything in the server's schema with these headers; its files come into the folder."""
    config = folder / "schemathesis.toml"
    config.write_text(configuration(caller), encoding="utf-8")
    argv = [sys.executable, "-c", _PROGRAM, "--config-file", str(config), "run", str(schema), "--url", server]
    argv += ["--suppress-health-check", "all"]
    for name, value in headers.items():
        argv += ["-H", f"{name}: {value}"]
    environment = {**os.environ, "PYTHONPATH": str(BASE_DIR)}
    done = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=folder, env=environment)
    (folder / "report.txt").write_text(done.stdout + done.stderr, encoding="utf-8")
    covered = _COVERED.search(done.stdout)
    return Run(done.returncode, done.stdout + done.stderr, int(covered[1]) if covered else 0)


def configuration(caller: str) -> str:
    """The base configuration with what is only this caller's."""
    mine = {name for name in TABLE if may(caller, name)}
    values = {"deterministic": json.dumps(not SEARCH), "examples": SEARCH or 1, "chains": max(SEARCH, CHAINS)}
    base = Template(_BASE.read_text(encoding="utf-8")).substitute(values)
    every = set(TABLE)
    kept = {
        "examples": mine if SEARCH else tried_by(caller),
        "coverage": mine if SEARCH else tried_by(caller),
        "fuzzing": every if SEARCH or caller in REFUSED_EVERYTHING else tried_by(caller),
        "stateful": mine,
    }
    return "\n".join([base, *(_without(phase, every - names) for phase, names in kept.items())])


def tried_by(caller: str) -> set[str]:
    """The operations whose every edge this caller tries, of those that it may use."""
    return {name for name in TABLE if _trier(name) == caller}


def _trier(name: str) -> str:
    able = [caller for caller in CALLERS if may(caller, name)]
    return able[zlib.crc32(name.encode()) % len(able)]


def _without(phase: str, names: Collection[str]) -> str:
    if not names:
        return ""
    return f"[[operations]]\ninclude-name = {json.dumps(sorted(map(_label, names)))}\nphases.{phase}.enabled = false\n"


def _label(name: str) -> str:
    """What schemathesis calls an operation."""
    method, _, path = name.partition(" ")
    return f"{method} /" + _PARAMETER.sub(r"{\1}", path)
