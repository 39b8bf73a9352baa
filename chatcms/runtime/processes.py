"""Starts, recognises and ends background processes; a recycled process id is never mistaken for ours."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from .accounts import Account, run_as

LOG_LIMIT = 5_000_000
HAS_PROC = Path("/proc/self/stat").exists()  # Linux has it, macOS has not
_children: dict[int, subprocess.Popen[bytes]] = {}


@dataclass(frozen=True)
class Record:
    """What is remembered of a started process, in var/run/<name>.json."""

    name: str
    pid: int
    birth: str
    since: float
    address: str
    stamp: str = ""

    @property
    def alive(self) -> bool:
        return birth(self.pid) == self.birth


def birth(pid: int) -> str | None:
    """An opaque mark of when the process was born, or None if it is gone (a zombie counts as gone).

    Two processes that get the same id one after the other differ in it.
    """
    _reap(pid)
    return _birth_from_proc(pid) if HAS_PROC else _birth_from_ps(pid)


def _birth_from_proc(pid: int) -> str | None:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except (OSError, ValueError):
        return None
    return None if fields[0] in "ZX" else f"{boot}:{fields[19]}"


def _birth_from_ps(pid: int) -> str | None:
    answer = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)],
        capture_output=True,
        text=True,
        env={**os.environ, "LC_ALL": "C"},
        check=False,
    )
    state, _, started = answer.stdout.strip().partition(" ")
    return None if answer.returncode or state.startswith("Z") else started.strip()


def session_members(leader: int, marker: str) -> list[int]:
    """Processes that belong to the session `leader` began and, where that can be seen, have `marker` set.

    While one of them lives the system gives the leader's number to nobody else.
    """
    if HAS_PROC:
        found = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
        return [pid for pid in found if _session(pid) == leader and marker in _environment(pid)]
    answer = subprocess.run(["ps", "-axo", "pid=,pgid="], capture_output=True, text=True, check=False)
    pairs = (line.split() for line in answer.stdout.splitlines())
    return [int(pid) for pid, group in pairs if group == str(leader)]


def _session(pid: int) -> int | None:
    try:
        return os.getsid(pid)
    except OSError:
        return None


def _environment(pid: int) -> list[str]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().decode(errors="replace").split("\0")
    except OSError:
        return []


def working_in(folder: Path) -> list[int]:
    """Processes whose working directory this is; needs /proc."""
    found = (int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
    return [pid for pid in found if _directory(pid) == str(folder)]


def _directory(pid: int) -> str | None:
    try:
        return str(Path(f"/proc/{pid}/cwd").readlink())
    except OSError:
        return None


def command_line(pid: int) -> str:
    """The words a process was started with, or nothing if it is gone."""
    if HAS_PROC:
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    argv = ["ps", "-ww", "-o", "command=", "-p", str(pid)]
    return subprocess.run(argv, capture_output=True, text=True, check=False).stdout


def _reap(pid: int) -> None:
    child = _children.get(pid)
    if child is not None and child.poll() is not None:
        _children.pop(pid, None)


def spawn(
    name: str,
    argv: Sequence[str],
    *,
    run: Path,
    log: Path,
    env: Mapping[str, str],
    cwd: Path,
    address: str,
    account: Account | None = None,
    stamp: str = "",
) -> Record:
    """Start a process that outlives this one and its terminal, and remember it in `run`.

    Output is appended to `log`, which is put aside as `<log>.1` when it has grown too long.
    """
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        log.replace(log.with_name(log.name + ".1"))
    with open(log, "ab", opener=lambda path, flags: os.open(path, flags, 0o600)) as output:
        child = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=dict(env),
            cwd=cwd,
            start_new_session=True,
            **run_as(account),
        )
    _children[child.pid] = child
    record = Record(name, child.pid, birth(child.pid) or "gone", time.time(), address, stamp)
    write_record(run, record)
    return record


def write_record(run: Path, record: Record) -> None:
    """Keep the record, whole or not at all."""
    draft = run / f".{record.name}.json"
    draft.write_text(json.dumps(asdict(record)))
    draft.replace(run / f"{record.name}.json")


def read_record(run: Path, name: str) -> Record | None:
    """The record of a process started earlier, alive or not; an unreadable one counts as none."""
    try:
        return Record(**json.loads((run / f"{name}.json").read_text()))
    except (OSError, ValueError, TypeError):
        return None


def forget(run: Path, name: str) -> None:
    """Drop the record of a process that has ended."""
    (run / f"{name}.json").unlink(missing_ok=True)


def living(run: Path, name: str) -> Record | None:
    """The record of the process if it is still the one we started and is alive."""
    record = read_record(run, name)
    return record if record is not None and record.alive else None


def end(record: Record, steps: Sequence[tuple[signal.Signals, float]]) -> bool:
    """Send each signal in turn, waiting up to its seconds for the end; True when the process is gone."""
    for number, patience in steps:
        if not record.alive:
            break
        try:
            os.kill(record.pid, number)
        except ProcessLookupError:
            break
        wait_until(lambda: not record.alive, patience)
    return not record.alive


def wait_until(condition: Callable[[], bool], seconds: float, pause: float = 0.03) -> bool:
    """Poll until the condition holds or the time is over; the condition's last value."""
    limit = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > limit:
            return False
        time.sleep(pause)
    return True


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log, for an error message."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""
