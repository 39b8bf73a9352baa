"""Checks before anything is started: room on the disk and a free port."""

from __future__ import annotations

import errno
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path

from .errors import SetupError

FREE_BYTES = 300_000_000
PORTS_TRIED = 50


def require_space(folder: Path, needed: int = FREE_BYTES) -> None:
    """Raise SetupError unless the folder's disk has room for the services to work in."""
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise SetupError(
            f"The disk of {folder} is nearly full: {free // 1_000_000} MB are free, "
            f"{needed // 1_000_000} MB are needed.",
            "free some space there, or set CHATCMS_VAR to a folder on another disk.",
        )


def require_port(host: str, port: int) -> None:
    """Raise SetupError unless a server of ours could listen there."""
    problem = _bind_problem(host, port)
    if problem is None:
        return
    if problem == errno.EADDRINUSE:
        free = next((p for p in range(port + 1, port + PORTS_TRIED) if _bind_problem(host, p) is None), port + 1)
        raise SetupError(f"Port {port} on {host} is taken by another program.", f"PORT={free} ./start-all.sh")
    if problem == errno.EACCES:
        raise SetupError(f"This user may not listen on port {port}.", "PORT=8000 ./start-all.sh")
    raise SetupError(f"{host} is not an address of this machine.", "HOST=127.0.0.1 ./start-all.sh")


def whole_number(settings: Mapping[str, str], name: str, default: int) -> int:
    """The number a setting holds; SetupError when it is none between 1 and 65535."""
    text = settings.get(name, str(default)).strip()
    if text.isascii() and text.isdigit() and 0 < int(text) < 65536:
        return int(text)
    raise SetupError(f"{name} is {text!r}, which is no number from 1 to 65535.", f"{name}={default} ./start-all.sh")


def _bind_problem(host: str, port: int) -> int | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return error.errno or errno.EADDRNOTAVAIL
    return None
