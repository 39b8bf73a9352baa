"""Brings everything down in reverse order: exactly what was started here, letting it finish its work."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from . import programs
from .errors import SetupError
from .lock import exclusive
from .paths import Layout
from .services import stop_services


def down(place: Layout) -> None:
    """Stop web server and worker, whose requests and tasks may finish, then the services; repeatable."""
    if not place.run.exists():
        print("Nothing was started here.")
        return
    with exclusive(place):
        names = (programs.WORKER, programs.WEB)
        with ThreadPoolExecutor() as pool:
            ended = pool.map(lambda name: programs.stop(place, name), names)
        for name, gone in zip(names, ended, strict=True):
            if not gone:
                raise SetupError(f"The {name} process does not end.", f"look into {place.log / name}.log.")
        stop_services(place.var)
    print("Stopped.")
