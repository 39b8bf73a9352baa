"""Tests of what status.sh shows and how it exits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from chatcms.runtime import valkey
from chatcms.runtime.paths import ROOT, Layout, socket_home
from chatcms.runtime.processes import living, wait_until
from chatcms.runtime.services import start_services


def run(command: str, environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chatcms.runtime", command],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def rows(output: str) -> dict[str, list[str]]:
    return {line.split()[0]: line.split() for line in output.splitlines()[1:]}


def test_it_exits_with_1_when_nothing_runs(place: Layout, bare_environ: dict[str, str]) -> None:
    answer = run("status", bare_environ)
    assert answer.returncode == 1
    assert {name: row[1] for name, row in rows(answer.stdout).items()} == {
        "postgres": "stopped",
        "valkey": "stopped",
        "web": "stopped",
        "worker": "stopped",
        "scheduler": "stopped",
        "supervisor": "stopped",
    }


def test_looking_makes_nothing(place: Layout, bare_environ: dict[str, str]) -> None:
    home = socket_home(place)
    home.rmdir()
    run("status", bare_environ)
    assert not home.exists()
    assert list(place.var.iterdir()) == []


def test_a_running_service_shows_its_start_address_and_health(place: Layout, bare_environ: dict[str, str]) -> None:
    start_services(place.var, durable=False)
    shown = rows(run("status", bare_environ).stdout)
    assert shown["postgres"][1] == "running"
    assert shown["postgres"][-2].endswith(".s.PGSQL.5432")
    assert shown["postgres"][-1] == "ok"
    assert shown["valkey"][-2].endswith("valkey.sock")


def test_a_killed_service_shows_as_stopped(place: Layout, bare_environ: dict[str, str]) -> None:
    start_services(place.var, durable=False)
    record = living(place.run, valkey.NAME)
    assert record is not None
    os.kill(record.pid, signal.SIGKILL)
    assert wait_until(lambda: not record.alive, 10)
    shown = rows(run("status", bare_environ).stdout)
    assert shown["valkey"][1] == "stopped"
    assert shown["postgres"][-1] == "ok"


def test_services_of_ones_own_show_as_external_and_are_asked_too(place: Layout, bare_environ: dict[str, str]) -> None:
    services = start_services(place.var, durable=False)
    outer = bare_environ | {
        "DATABASE_URL": services.database_url,
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "CHATCMS_VAR": str(place.var / "another"),
    }
    shown = rows(run("status", outer).stdout)
    assert shown["postgres"][1] == "external"
    assert shown["postgres"][-1] == "ok"
    assert shown["valkey"][1] == "external"
    assert shown["valkey"][-1] == "down"


def test_the_password_in_an_address_of_ones_own_is_not_shown(place: Layout, bare_environ: dict[str, str]) -> None:
    outer = bare_environ | {"REDIS_URL": "redis://user:hidden@127.0.0.1:1/0"}
    answer = run("status", outer)
    assert "127.0.0.1:1" in answer.stdout
    assert "hidden" not in answer.stdout + answer.stderr


def test_services_can_be_started_and_stopped_without_the_rest(place: Layout, bare_environ: dict[str, str]) -> None:
    assert run("services-up", bare_environ).returncode == 0
    assert rows(run("status", bare_environ).stdout)["postgres"][-1] == "ok"
    assert run("services-down", bare_environ).returncode == 0
    assert rows(run("status", bare_environ).stdout)["postgres"][1] == "stopped"


def test_stopping_when_nothing_was_started_says_so(place: Layout, bare_environ: dict[str, str]) -> None:
    answer = run("down", bare_environ)
    assert answer.returncode == 0
    assert "Nothing was started" in answer.stdout


def test_a_command_can_have_services_that_are_gone_afterwards(bare_environ: dict[str, str]) -> None:
    code = "import os, psycopg; psycopg.connect(os.environ['DATABASE_URL']); print(os.environ['CHATCMS_VAR'])"
    answer = subprocess.run(
        [sys.executable, "-m", "chatcms.runtime", "throwaway", sys.executable, "-c", code],
        cwd=ROOT,
        env=bare_environ,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    assert not Path(answer.stdout.strip()).exists()
