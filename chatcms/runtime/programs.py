"""The product's own processes, web server, worker and scheduler: how each is started, recognised, checked and ended."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from .errors import SetupError
from .paths import ROOT, Layout
from .preflight import require_port, whole_number
from .probe import is_well
from .processes import Record, end, forget, living, read_record, session_members, spawn, tail, wait_until
from .sign import file_of, is_fresh

WEB = "web"
WORKER = "worker"
SCHEDULER = "scheduler"
SUPERVISOR = "supervisor"
START_SECONDS = 120.0
SWEEP_SECONDS = 10.0
GRACE_SECONDS = 35
WEB_END = [(signal.SIGTERM, GRACE_SECONDS + 5.0), (signal.SIGKILL, 5.0)]
# A warm end waits for tasks to finish; killing afterwards is safe, since every job is leased in the database.
WORKER_END = [(signal.SIGTERM, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 5.0)]
SCHEDULER_END = [(signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)]
ENDS = {WEB: WEB_END, WORKER: WORKER_END, SCHEDULER: SCHEDULER_END}
LOG_LEVELS = ("critical", "error", "warning", "info", "debug")


def start_web(place: Layout, settings: Mapping[str, str], stamp: str) -> Record:
    """Start the ASGI server on HOST and PORT; SetupError if the port is taken."""
    host, port = settings.get("HOST", "127.0.0.1"), whole_number(settings, "PORT", 8000)
    require_port(host, port)
    argv = [sys.executable, "-m", "chatcms.server", "--host", host, "--port", str(port)]
    argv += ["--workers", str(whole_number(settings, "WEB_WORKERS", 1)), "--grace", str(GRACE_SECONDS)]
    argv += ["--log-level", _log_level(settings)]
    return _spawn(place, WEB, argv, settings, stamp, address=f"{host}:{port}")


def start_worker(place: Layout, settings: Mapping[str, str], stamp: str) -> Record:
    """Start the Celery worker."""
    file_of(place.run, WORKER).unlink(missing_ok=True)
    concurrency = min(whole_number(settings, "WORKER_CONCURRENCY", 2), os.cpu_count() or 1)
    argv = [sys.executable, "-m", "celery", "-A", "chatcms.celery", "worker"]
    argv += ["--include", "chatcms.runtime.heartbeat", "--loglevel", _log_level(settings)]
    return _spawn(place, WORKER, argv, settings, stamp, address=f"{concurrency} long jobs at once")


def start_scheduler(place: Layout, settings: Mapping[str, str], stamp: str) -> Record:
    """Start the scheduler, which asks the worker for the periodic tasks."""
    file_of(place.run, SCHEDULER).unlink(missing_ok=True)
    argv = [sys.executable, "-m", "celery", "-A", "chatcms.celery", "beat", "--pidfile="]
    argv += ["--schedule", str(place.run / "beat-schedule"), "--loglevel", _log_level(settings)]
    return _spawn(place, SCHEDULER, argv, settings, stamp, address="periodic tasks")


def start_supervisor(place: Layout, settings: Mapping[str, str], stamp: str) -> Record:
    """Start the process that starts the others again when they die."""
    argv = [sys.executable, "-m", "chatcms.runtime", "supervise"]
    return _spawn(place, SUPERVISOR, argv, settings, stamp, address="restarts")


STARTS: dict[str, Callable[[Layout, Mapping[str, str], str], Record]] = {
    WEB: start_web,
    WORKER: start_worker,
    SCHEDULER: start_scheduler,
}


def web_is_well(place: Layout) -> bool:
    """Whether the server says that it can serve."""
    record = living(place.run, WEB)
    if record is None:
        return False
    host, _, port = record.address.rpartition(":")
    return is_well(_reachable(host), int(port))


def worker_is_well(place: Layout) -> bool:
    """Whether the worker is connected to the broker and its main loop runs."""
    record = living(place.run, WORKER)
    return record is not None and is_fresh(place.run, record.pid)


def scheduler_is_well(place: Layout) -> bool:
    """Whether the scheduler goes round; it stands still while the broker is away."""
    record = living(place.run, SCHEDULER)
    return record is not None and is_fresh(place.run, record.pid, SCHEDULER)


def is_well_itself(place: Layout, name: str) -> bool:
    """Whether the process of that name does its work."""
    checks = {WEB: web_is_well, WORKER: worker_is_well, SCHEDULER: scheduler_is_well}
    return checks[name](place)


def await_ready(place: Layout, record: Record) -> None:
    """Wait until the process really does its work; SetupError with the end of its log if it never does."""

    def well() -> bool:
        return is_well_itself(place, record.name)

    if not wait_until(lambda: well() or not record.alive, START_SECONDS, pause=0.1) or not record.alive:
        log = place.log / f"{record.name}.log"
        raise SetupError(f"The {record.name} process did not get ready.", f"read {log}.", tail(log))


def stop(place: Layout, name: str) -> bool:
    """End one of them and its children, letting them finish what they have begun; True when it is gone."""
    record = read_record(place.run, name)
    if record is None:
        return True
    gone = end(record, ENDS.get(name, SCHEDULER_END))
    sweep(place, record)
    if gone:
        forget(place.run, name)
    return gone


def sweep(place: Layout, record: Record) -> None:
    """Kill the children that a killed process has left behind."""
    if record.alive:
        return
    marker = f"CHATCMS_VAR={place.var}"

    def none_is_left() -> bool:
        left = session_members(record.pid, marker)
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return not left

    wait_until(none_is_left, SWEEP_SECONDS)


def shown_address(record: Record) -> str:
    """The address to open in a browser."""
    host, _, port = record.address.rpartition(":")
    return f"http://{_reachable(host, bracket=True)}:{port}"


def _spawn(
    place: Layout, name: str, argv: list[str], settings: Mapping[str, str], stamp: str, *, address: str
) -> Record:
    earlier = read_record(place.run, name)
    if earlier is not None:
        sweep(place, earlier)
    env = {**settings, "CHATCMS_PROCESS": name, "PYTHONUNBUFFERED": "1"}
    log = place.log / f"{name}.log"
    return spawn(name, argv, run=place.run, log=log, env=env, cwd=Path(ROOT), address=address, stamp=stamp)


def _log_level(settings: Mapping[str, str]) -> str:
    level = settings.get("LOG_LEVEL", "info").lower()
    return level if level in LOG_LEVELS else "info"


def _reachable(host: str, *, bracket: bool = False) -> str:
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"[{name}]" if bracket and ":" in name else name
