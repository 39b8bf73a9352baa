"""Runs the product's own processes against the test database, for tests that need real sockets and workers."""

from __future__ import annotations

import itertools
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote, urlencode
from urllib.request import urlopen

from django.conf import settings
from django.db import connection

from chatcms.config.environment import BASE_DIR
from chatcms.tests.waiting import wait_until

START_SECONDS = 120
_PORTS = range(20_000, 32_000)
_places = itertools.count(os.getpid() * 101)


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a process of the product needs to work on the test database, its queue and its files."""
    return {
        **os.environ,
        "DATABASE_URL": _database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "LOCAL_MODEL_DIR": str(settings.LOCAL_MODEL_DIR),
        "PYTHONPATH": str(BASE_DIR),
        # Most tests ask nothing of it, and would wait for it.
        "LOAD_MODEL_AT_START": "false",
        **(extra or {}),
    }


@contextmanager
def web_server(
    *,
    application: str = "chatcms.asgi:application",
    extra: Mapping[str, str] | None = None,
    log: Path | None = None,
) -> Iterator[str]:
    """Serve the product (or another application) over HTTP on a free port; the value is its address."""
    port = free_port()
    argv = [sys.executable, "-m", "chatcms.server", application, "--port", str(port), "--grace", "3"]
    address = f"http://127.0.0.1:{port}"
    with process(argv, extra={"CHATCMS_PROCESS": "web", **(extra or {})}, log=log) as running:
        _wait_until_answering(address, running)
        yield address


@contextmanager
def worker(
    *, extra: Mapping[str, str] | None = None, include: str = "", log: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Celery worker with beat, and with the kinds of jobs that the module `include` registers."""
    schedule = Path(settings.MEDIA_ROOT).parent / f"beat-{os.getpid()}"
    schedule.parent.mkdir(parents=True, exist_ok=True)
    argv = [sys.executable, "-m", "celery", "-A", "chatcms.celery", "worker", "--beat", "--schedule", str(schedule)]
    argv += ["--loglevel", "WARNING", *(["--include", include] if include else [])]
    with process(argv, extra={"CHATCMS_PROCESS": "worker", **(extra or {})}, log=log) as running:
        yield running


@contextmanager
def process(
    argv: list[str], *, extra: Mapping[str, str] | None = None, log: Path | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command in a session of its own and end it, children included, with the block."""
    with Path(log or os.devnull).open("ab") as output:
        running = subprocess.Popen(
            argv, cwd=BASE_DIR, env=environment(extra), stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield running
    finally:
        end(running)


def end(running: subprocess.Popen[bytes], *, seconds: float = 10) -> None:
    """End a process and what it started: politely first, for good after `seconds`."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(running.pid, sign)
        except ProcessLookupError:
            break
        try:
            running.wait(seconds)
        except subprocess.TimeoutExpired:
            continue


def free_port() -> int:
    """Return a port that nobody listens on and that nobody is given before it is used.

    The system hands out ports above these to whoever asks for any; each process of the tests begins at another place.
    """
    for _ in range(len(_PORTS)):
        port = _PORTS[next(_places) % len(_PORTS)]
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError("every port is taken")


def _wait_until_answering(address: str, running: subprocess.Popen[bytes]) -> None:
    def answers() -> bool:
        assert running.poll() is None, "the web server ended while it was starting"
        try:
            with urlopen(f"{address}/v1/health", timeout=5) as answer:  # noqa: S310 - our own address
                return bool(answer.status == 200)
        except OSError:
            return False

    wait_until(answers, "the web server's health", seconds=START_SECONDS)


def _database_url() -> str:
    values = connection.settings_dict
    user, password = quote(values["USER"] or "", safe=""), quote(values["PASSWORD"] or "", safe="")
    host, port = values["HOST"] or "", values["PORT"]
    if host.startswith("/"):
        return f"postgresql://{user}:{password}@/{values['NAME']}?{urlencode({'host': host})}"
    return f"postgresql://{user}:{password}@{host}{f':{port}' if port else ''}/{values['NAME']}"
