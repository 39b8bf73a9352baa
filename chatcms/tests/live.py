"""Runs the product's own processes against the test database, for tests that need real sockets and workers."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode
from urllib.request import urlopen

from django.conf import settings
from django.db import connection

from chatcms.environment import BASE_DIR

START_SECONDS = 60


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """What a process of the product needs to work on the test database, its queue and its files."""
    return {
        **os.environ,
        "DATABASE_URL": _database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "MEDIA_ROOT": str(settings.MEDIA_ROOT),
        "LOCAL_MODEL_DIR": str(settings.LOCAL_MODEL_DIR),
        "PYTHONPATH": str(BASE_DIR),
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
def worker(*, extra: Mapping[str, str] | None = None, log: Path | None = None) -> Iterator[subprocess.Popen[bytes]]:
    """Run a Celery worker with beat, as start-all.sh does."""
    schedule = Path(settings.MEDIA_ROOT).parent / f"beat-{os.getpid()}"
    schedule.parent.mkdir(parents=True, exist_ok=True)
    argv = [sys.executable, "-m", "celery", "-A", "chatcms.celery", "worker", "--beat", "--schedule", str(schedule)]
    argv += ["--concurrency", "2", "--loglevel", "WARNING"]
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
    """Return a port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_answering(address: str, running: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert running.poll() is None, "the web server ended while it was starting"
        try:
            with urlopen(f"{address}/v1/health", timeout=5) as answer:  # noqa: S310 - our own address
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the web server did not come up")


def _database_url() -> str:
    values = connection.settings_dict
    user, password = quote(values["USER"] or "", safe=""), quote(values["PASSWORD"] or "", safe="")
    host, port = values["HOST"] or "", values["PORT"]
    if host.startswith("/"):
        return f"postgresql://{user}:{password}@/{values['NAME']}?{urlencode({'host': host})}"
    return f"postgresql://{user}:{password}@{host}{f':{port}' if port else ''}/{values['NAME']}"
