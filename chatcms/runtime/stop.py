"""Brings everything down in reverse order: exactly what was started here, letting it finish its work."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from . import programs
from .errors import SetupError
from .lock import exclusive
from .paths import Layout
from .services import stop_services


def down(place: Layout) -> None:
    """Stop supervisor and programs, whose requests and tasks may finish, then the services; repeatable."""
    if not place.run.exists():
        print("Nothing was started here.")
        return
    with exclusive(place):
        _require_gone(place, programs.SUPERVISOR, programs.stop(place, programs.SUPERVISOR))
        names = (programs.SCHEDULER, programs.WORKER, programs.WEB)
        with ThreadPoolExecutor() as pool:
            ended = pool.map(lambda name: programs.stop(place, name), names)
        for name, gone in zip(names, ended, strict=True):
            _require_gone(place, name, gone)
        stop_services(place.var)
    print("Stopped.")


def _require_gone(place: Layout, name: str, gone: bool) -> None:
    if not gone:
        raise SetupError(f"The {name} process does not end.", f"look into {place.log / name}.log.")
