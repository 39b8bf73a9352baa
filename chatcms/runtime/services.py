"""Starts and stops the embedded PostgreSQL and Valkey of one var folder, for the product and for tests."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from pathlib import Path

from . import cluster, postgres, valkey
from .env import ensure_secrets
from .errors import SetupError
from .paths import Layout, layout, socket_home


@dataclass(frozen=True)
class RuntimeEnv:
    """What a process needs to use the services: DATABASE_URL, REDIS_URL and the secrets kept beside them."""

    var_dir: Path
    environment: dict[str, str] = field(repr=False)

    @property
    def database_url(self) -> str:
        return self.environment["DATABASE_URL"]

    @property
    def redis_url(self) -> str:
        return self.environment["REDIS_URL"]

    def stop(self) -> None:
        """Stop both services."""
        stop_services(self)


def start_services(var_dir: Path, *, durable: bool = True, database: bool = True, cache: bool = True) -> RuntimeEnv:
    """Start what is asked for and not yet running in `var_dir`, and wait until it answers.

    `durable=False` is for throwaway data: quicker, but a crash of the machine may lose it.
    Raises SetupError with a cure when something does not start.
    """
    place = layout(var_dir)
    place.prepare()
    sockets = socket_home(place)
    kept = ensure_secrets(place, sockets)
    if database:
        postgres.start(cluster.locate(place, sockets, durable=durable), kept["DATABASE_PASSWORD"])
    if cache:
        valkey.start(place, sockets, durable=durable)
    shared = {name: value for name, value in kept.items() if name != "DATABASE_PASSWORD"}
    return RuntimeEnv(place.var, shared | {"CHATCMS_VAR": str(place.var)})


def stop_services(target: RuntimeEnv | Path) -> None:
    """Stop both services of a var folder cleanly, those that run; twice is harmless."""
    place = layout(target.var_dir if isinstance(target, RuntimeEnv) else target)
    for name, stop in (("Valkey", valkey.stop), ("PostgreSQL", postgres.stop)):
        if not stop(place):
            raise SetupError(f"{name} did not stop.", f"look into {place.log}.")
    _remove_sockets(place)


def _remove_sockets(place: Layout) -> None:
    home = socket_home(place)
    valkey.socket_path(home).unlink(missing_ok=True)
    # A folder that still holds something is not ours to clear.
    with contextlib.suppress(OSError):
        for folder in (home / "valkey", home / "pg", home):
            if folder.exists():
                folder.rmdir()
