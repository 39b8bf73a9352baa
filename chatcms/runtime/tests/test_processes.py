"""Tests of starting, recognising and ending processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from chatcms.runtime.processes import (
    LOG_LIMIT,
    Record,
    birth,
    end,
    forget,
    living,
    read_record,
    session_members,
    spawn,
    wait_until,
    write_record,
)

QUICK_END = [(signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0)]


def start(folder: Path, *argv: str, name: str = "thing") -> Record:
    env = {"PATH": os.environ["PATH"], "MARK": str(folder)}
    log = folder / f"{name}.log"
    return spawn(name, argv, run=folder, log=log, env=env, cwd=Path("/"), address="nowhere")


def start_python(folder: Path, code: str) -> Record:
    record = start(folder, sys.executable, "-u", "-c", code)
    assert wait_until(lambda: "ready" in (folder / "thing.log").read_text(), 20)
    return record


def test_a_started_process_is_found_again_by_its_record(tmp_path: Path) -> None:
    record = start(tmp_path, "sleep", "600")
    assert living(tmp_path, "thing") == record
    assert end(record, QUICK_END)
    assert living(tmp_path, "thing") is None


def test_a_recycled_process_id_is_not_mistaken_for_ours(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    write_record(tmp_path, Record("thing", sleeper.pid, "another boot:1", time.time(), "nowhere"))
    assert living(tmp_path, "thing") is None


def test_a_recycled_process_id_is_never_killed(tmp_path: Path, sleeper: subprocess.Popen[bytes]) -> None:
    record = Record("thing", sleeper.pid, "another boot:1", time.time(), "nowhere")
    assert end(record, [(signal.SIGKILL, 1.0)])
    assert sleeper.poll() is None


def test_a_zombie_counts_as_gone() -> None:
    pid = os.posix_spawn("/bin/sh", ["sh", "-c", "exit 0"], {})
    try:
        assert wait_until(lambda: birth(pid) is None, 5)
    finally:
        os.waitpid(pid, 0)


def test_a_process_that_ignores_the_polite_signal_is_killed(tmp_path: Path) -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready'); time.sleep(600)"
    record = start_python(tmp_path, code)
    assert end(record, [(signal.SIGTERM, 0.3), (signal.SIGKILL, 5.0)])


def test_a_started_process_leads_a_session_of_its_own_so_that_a_closing_terminal_spares_it(
    tmp_path: Path,
) -> None:
    record = start(tmp_path, "sleep", "600")
    assert os.getsid(record.pid) == record.pid
    end(record, QUICK_END)


def test_children_left_behind_are_found_by_their_session_and_environment(tmp_path: Path) -> None:
    record = start_python(
        tmp_path, "import subprocess; p = subprocess.Popen(['sleep', '600']); print('ready'); p.wait()"
    )
    os.kill(record.pid, signal.SIGKILL)
    assert wait_until(lambda: not record.alive, 5)
    orphans = session_members(record.pid, f"MARK={tmp_path}")
    assert len(orphans) == 1
    os.kill(orphans[0], signal.SIGKILL)


def test_a_session_of_somebody_else_with_the_same_number_is_left_alone(tmp_path: Path) -> None:
    record = start(tmp_path, "sleep", "600")
    assert session_members(record.pid, "MARK=another folder") == []
    end(record, QUICK_END)


def test_a_log_that_has_grown_too_long_is_put_aside(tmp_path: Path) -> None:
    log = tmp_path / "thing.log"
    log.write_bytes(b"x" * (LOG_LIMIT + 1))
    record = start(tmp_path, "sh", "-c", "echo fresh")
    assert wait_until(lambda: not record.alive, 5)
    assert log.read_text() == "fresh\n"
    assert (tmp_path / "thing.log.1").stat().st_size == LOG_LIMIT + 1


def test_a_log_can_be_read_by_its_owner_only(tmp_path: Path) -> None:
    record = start(tmp_path, "sh", "-c", "echo secret")
    assert wait_until(lambda: not record.alive, 5)
    assert (tmp_path / "thing.log").stat().st_mode & 0o777 == 0o600


def test_a_damaged_record_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "thing.json").write_text('{"name": "thing", "pi')
    assert read_record(tmp_path, "thing") is None


def test_a_record_of_another_shape_counts_as_none(tmp_path: Path) -> None:
    (tmp_path / "thing.json").write_text('{"process": 1}')
    assert read_record(tmp_path, "thing") is None


def test_a_forgotten_process_has_no_record(tmp_path: Path) -> None:
    record = start(tmp_path, "sleep", "600")
    end(record, QUICK_END)
    forget(tmp_path, "thing")
    assert read_record(tmp_path, "thing") is None


def test_a_record_of_the_same_process_with_another_birth_is_dead(tmp_path: Path) -> None:
    record = start(tmp_path, "sleep", "600")
    assert not replace(record, birth="earlier").alive
    end(record, QUICK_END)
