"""Breaks a running product in each way that a machine breaks it, while people upload and ask, and checks its promises.

    .venv/bin/python benchmarks/faults.py            # every fault, some five minutes
    .venv/bin/python benchmarks/faults.py scheduler postgres-stopped

It starts an instance of its own, as `start-all.sh` does. While a fault lasts, `status`, `/v1/health` and the log must
name it, and callers may get retriable answers only: 503, 507, 429 or 409 with Retry-After, and never 500. In the end
nothing that was acknowledged may be lost or doubled. Exit code 1 when a promise is broken. The full disk needs root,
for a tmpfs.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import psutil
import redis
from faults_checks import Seen, Verdict, judged
from faults_load import Load
from own_instance import Instance

PORT = 18_770
MEDIA_MEBIBYTES = 160
STOPPED_SECONDS = 20.0
BACK_SECONDS = 120.0


@dataclass(frozen=True)
class Fault:
    """How to break something, and who must name it: a row of `status`, a check or warning of health, words in a log.

    Who has nothing to say of a fault is left empty: a process that is started again within seconds, while others do its
    work, is no state of the service.
    """

    name: str
    lasting: Callable[[Instance], contextlib.AbstractContextManager[None]]
    row: str = ""
    check: str = ""
    log: tuple[str, str] = ("", "")
    warning: str = ""


@contextmanager
def _killed(instance: Instance, name: str) -> Iterator[None]:
    instance.process(name).kill()
    yield


@contextmanager
def _worker_child_killed(instance: Instance) -> Iterator[None]:
    # The last of them does jobs; the first keeps leases.
    instance.process("worker").children()[-1].kill()
    yield


@contextmanager
def _database_stopped(instance: Instance) -> Iterator[None]:
    server = instance.process("postgres")
    stopped = [server, *server.children(recursive=True)]
    for process in stopped:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.send_signal(signal.SIGSTOP)
    try:
        yield
        time.sleep(STOPPED_SECONDS)
    finally:
        for process in stopped:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)


@contextmanager
def _disk_full(instance: Instance) -> Iterator[None]:
    filler = instance.media / "filler"
    with filler.open("wb", buffering=0) as target, contextlib.suppress(OSError):
        while True:
            target.write(bytes(1 << 16))
    try:
        yield
        time.sleep(5)
    finally:
        filler.unlink()


@contextmanager
def _flushed(instance: Instance) -> Iterator[None]:
    with redis.Redis.from_url(instance.setting("REDIS_URL")) as client:
        client.flushall()
    yield


def _kill(name: str) -> Callable[[Instance], contextlib.AbstractContextManager[None]]:
    return lambda instance: _killed(instance, name)


FAULTS = [
    Fault("scheduler", _kill("scheduler"), "scheduler", "", ("supervisor", "scheduler (process")),
    Fault("worker", _kill("worker"), "worker", "", ("supervisor", "worker (process")),
    Fault("worker-child", _worker_child_killed, log=("worker", "was killed by SIGKILL")),
    Fault("web", _kill("web"), "web", "", ("supervisor", "web (process")),
    Fault("postgres", _kill("postgres"), "postgres", "database", ("web", "PostgreSQL is away")),
    Fault("valkey", _kill("valkey"), "valkey", "redis", ("web", "Valkey is away")),
    Fault("flushall", _flushed, log=("web", "Valkey lost what it held"), warning="Valkey lost what it held"),
    Fault("postgres-stopped", _database_stopped, "postgres", "database", ("web", "PostgreSQL is away")),
    Fault("disk-full", _disk_full, "", "disk", ("web", "disk is full")),
]


class Observer:
    """Looks at health ten times a second while a fault lasts, and at `status` once it is there."""

    def __init__(self, instance: Instance, fault: Fault) -> None:
        self._instance = instance
        self._fault = fault
        self._over = threading.Event()
        self._before = self._told()
        asked = {"status": fault.row, "health": fault.check or fault.warning, "log": fault.log[0]}
        self.seen = Seen(fault.name, asked=frozenset(name for name, value in asked.items() if value))
        self._threads = [threading.Thread(target=self._watch_health), threading.Thread(target=self._watch_status)]

    def __enter__(self) -> Observer:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()
        self.look_into_the_log()

    def look_into_the_log(self) -> bool:
        """Whether the log has named the fault by now."""
        self.seen.log |= self._told() > self._before
        return self.seen.log

    def _told(self) -> int:
        source, words = self._fault.log
        return self._instance.log(source).count(words) if source else 0

    def _watch_health(self) -> None:
        while not self._over.wait(0.1):
            began = time.monotonic()
            try:
                shown = httpx2.get(f"{self._instance.url}/v1/health", timeout=10).json()
            except httpx2.HTTPError:
                continue
            self.seen.slowest_health = max(self.seen.slowest_health, time.monotonic() - began)
            self.seen.health |= shown["checks"].get(self._fault.check) is False
            warning = self._fault.warning
            self.seen.health |= bool(warning) and any(warning in each for each in shown["warnings"])

    def _watch_status(self) -> None:
        while not self._over.is_set() and not self.seen.status and self._fault.row:
            self.seen.status |= self._fault.row in self._instance.down()
            time.sleep(0.05)


def _suffer(instance: Instance, fault: Fault, load: Load) -> Seen:
    load.fault = fault.name
    with Observer(instance, fault) as observer:
        with fault.lasting(instance):
            _wait(lambda: not fault.row or observer.seen.status, 30)
            _wait(lambda: "health" not in observer.seen.asked or observer.seen.health, 30)
            _wait(lambda: "log" not in observer.seen.asked or observer.look_into_the_log(), 30)
        _wait(lambda: instance.runtime("status").returncode == 0, BACK_SECONDS)
        load.wait_for_acknowledgements()
    load.fault = ""
    print(observer.seen.line(), flush=True)
    return observer.seen


def _wait(condition: Callable[[], bool], seconds: float) -> None:
    limit = time.monotonic() + seconds
    while not condition() and time.monotonic() < limit:
        time.sleep(0.2)


@contextmanager
def _small_disk(folder: Path) -> Iterator[bool]:
    folder.mkdir(parents=True)
    argv = ["mount", "-t", "tmpfs", "-o", f"size={MEDIA_MEBIBYTES}m", "tmpfs", str(folder)]
    mounted = os.geteuid() == 0 and subprocess.run(argv, check=False, capture_output=True).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=False)


def main() -> int:
    """Break, watch and judge."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="of faults: " + ", ".join(fault.name for fault in FAULTS))
    parser.add_argument("--port", type=int, default=PORT)
    asked = parser.parse_args()
    chosen = [fault for fault in FAULTS if not asked.names or fault.name in asked.names]
    verdict = _run(chosen, asked.port)
    print(verdict.text)
    return 0 if verdict.is_good else 1


def _run(faults: list[Fault], port: int) -> Verdict:
    with ExitStack() as stack:
        folder = Path(
            stack.enter_context(tempfile.TemporaryDirectory(prefix="chatcms-faults-", ignore_cleanup_errors=True))
        )
        has_disk = stack.enter_context(_small_disk(folder / "media"))
        instance = Instance(folder, port)
        stack.callback(instance.runtime, "down")
        begun = instance.runtime("up")
        assert begun.returncode == 0, begun.stdout + begun.stderr
        load = stack.enter_context(Load(instance.url, instance.password))
        load.wait_for_acknowledgements()
        seen = [_suffer(instance, fault, load) for fault in faults if has_disk or fault.name != "disk-full"]
        load.stop()
        return judged(seen, load, instance.setting("DATABASE_URL"))


if __name__ == "__main__":
    sys.exit(main())
