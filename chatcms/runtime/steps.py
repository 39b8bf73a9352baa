"""One step of a start: a Python program that runs to its end and writes a log."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

from .errors import SetupError
from .paths import ROOT, Layout
from .processes import tail

STEP_SECONDS = 900.0
# What a program of the product ends with when a setting is wrong (EX_CONFIG of sysexits.h).
WRONG_SETTINGS = 78


def run_step(place: Layout, settings: Mapping[str, str], name: str, arguments: list[str]) -> str:
    """Run Python with these arguments to its end and return what it printed; SetupError with its end if it fails."""
    log = place.log / f"{name}.log"
    before = log.stat().st_size if log.exists() else 0
    with log.open("ab") as output:
        try:
            answer = subprocess.run(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=dict(settings),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                timeout=STEP_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise SetupError(f"The step {name} does not come to its end.", f"read {log}.", tail(log)) from error
    if answer.returncode == WRONG_SETTINGS:
        said = log.read_bytes()[before:].decode("utf-8", "replace").strip()
        raise SetupError(said, "mend them in .env or in the environment, then run this again.")
    if answer.returncode:
        raise SetupError(f"The step {name} failed.", f"read {log}, then run this again.", tail(log))
    return log.read_bytes()[before:].decode("utf-8", "replace")
