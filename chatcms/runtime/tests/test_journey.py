"""The whole way, with every real process: start, look, break, start again, stop."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from chatcms.runtime.env import own_settings
from chatcms.runtime.paths import ROOT, Layout, layout
from chatcms.runtime.processes import Record, living, session_members, wait_until
from chatcms.runtime.programs import sweep
from chatcms.runtime.tests.conftest import OURS
from chatcms.tests.live import free_port

NAMES = ("postgres", "valkey", "web", "worker", "scheduler")
ALL = (*NAMES, "supervisor")


class Installation:
    """A running product in a var folder of its own."""

    def __init__(self, place: Layout, port: int) -> None:
        self.place = place
        self.port = port
        self.first_output = ""

    def begin(self, command: str, port: int | None = None) -> subprocess.Popen[str]:
        settings = {name: value for name, value in own_settings(os.environ).items() if name not in OURS}
        settings |= {"CHATCMS_VAR": str(self.place.var), "PORT": str(port or self.port)}
        return subprocess.Popen(
            [sys.executable, "-m", "chatcms.runtime", command],
            cwd=ROOT,
            env=settings,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, command: str, port: int | None = None) -> tuple[int, str]:
        with self.begin(command, port) as process:
            output, _ = process.communicate(timeout=500)
        return process.returncode, output

    def records(self) -> dict[str, Record]:
        found = {name: living(self.place.run, name) for name in ALL}
        return {name: record for name, record in found.items() if record is not None}

    def kill(self, *names: str) -> None:
        records = self.records()
        if "supervisor" not in names and "supervisor" in records:
            self.kill("supervisor")  # what is killed is to stay dead
        for name in names:
            kill_all_of(records[name], self.place)
        assert wait_until(lambda: not set(names) & set(self.records()), 20)

    def health(self) -> int:
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            link.request("GET", "/v1/health", headers={"Host": "localhost"})
            return link.getresponse().status
        finally:
            link.close()


def kill_all_of(record: Record, place: Layout) -> None:
    """Kill a process and its children; it first, since it puts new ones in place of those that die."""
    os.kill(record.pid, signal.SIGKILL)
    assert wait_until(lambda: not record.alive, 20)
    sweep(place, record)


def gets_well(product: Installation) -> bool:
    """Whether everything is well before long: a machine that is busy may keep a heartbeat waiting."""
    return wait_until(lambda: product.run("status")[0] == 0, 120)


def others_than(name: str) -> set[str]:
    """What stays as it is when one is killed.

    Not the worker: when it has lost Valkey, by the test before, Celery may end it at any time, and it is started again.
    """
    return set(ALL) - {name, "worker", "supervisor"}


@pytest.fixture(scope="module")
def product() -> Iterator[Installation]:
    folder = Path(tempfile.mkdtemp(prefix="chatcms-journey-"))
    made = Installation(layout(folder), free_port())
    try:
        code, made.first_output = made.run("up")
        assert code == 0, made.first_output
        yield made
    finally:
        made.run("down")
        shutil.rmtree(folder)


@pytest.fixture
def running(product: Installation) -> Installation:
    """The product with everything up, whatever the test before has done to it."""
    code, output = product.run("up")
    if code != 0:
        # A worker that has just lost Valkey, by the test before, now and then ends while it is waited for.
        code, output = product.run("up")
    assert code == 0, output
    return product


def passwords(product: Installation) -> list[str]:
    text = product.place.credentials.read_text()
    return [line.strip() for line in text.splitlines() if re.fullmatch(r"\s+[A-Za-z0-9_-]{12,}", line)]


def test_the_first_start_prints_addresses_and_the_new_sign_ins(product: Installation) -> None:
    assert f"http://127.0.0.1:{product.port}/" in product.first_output
    assert passwords(product)
    assert all(password in product.first_output for password in passwords(product))


def test_the_sign_ins_are_kept_for_the_owner_only(product: Installation) -> None:
    assert product.place.credentials.stat().st_mode & 0o777 == 0o600


def test_everything_is_well_after_the_start(running: Installation) -> None:
    code, output = running.run("status")
    assert code == 0, output
    assert set(running.records()) == set(ALL)
    assert running.health() == http.client.OK


def test_pages_name_files_that_browsers_may_keep_for_good(running: Installation) -> None:
    with urlopen(f"http://127.0.0.1:{running.port}/sign-in/") as page:
        name = re.search(r"/static/css/base\.[0-9a-f]{12}\.css", page.read().decode())
    assert name
    with urlopen(f"http://127.0.0.1:{running.port}{name[0]}") as answer:
        assert "immutable" in answer.headers["Cache-Control"]


def test_starting_again_changes_nothing_and_shows_no_password(running: Installation) -> None:
    before = running.records()
    code, output = running.run("up")
    assert code == 0, output
    assert running.records() == before
    assert str(running.place.credentials) in output
    assert not any(password in output for password in passwords(running))


@pytest.mark.parametrize("name", NAMES)
def test_only_the_killed_one_is_started_again(running: Installation, name: str) -> None:
    before = running.records()
    running.kill(name)
    assert running.run("status")[0] == 1
    code, output = running.run("up")
    assert code == 0, output
    after = running.records()
    assert after[name] != before[name]
    assert {n: after[n] for n in others_than(name)} == {n: before[n] for n in others_than(name)}
    assert gets_well(running)


@pytest.mark.parametrize("name", NAMES)
def test_what_dies_is_started_again_without_anybody_s_help(running: Installation, name: str) -> None:
    before = running.records()
    kill_all_of(before[name], running.place)
    assert wait_until(lambda: name in running.records() and running.records()[name] != before[name], 120)
    assert gets_well(running)
    after = running.records()
    assert {n: after[n] for n in others_than(name)} == {n: before[n] for n in others_than(name)}
    assert after["supervisor"] == before["supervisor"]


def test_a_supervisor_that_dies_is_named_and_started_with_the_next_start(running: Installation) -> None:
    running.kill("supervisor")
    code, output = running.run("status")
    assert (code, "supervisor  stopped" in output) == (1, True)
    assert running.run("up")[0] == 0
    assert gets_well(running)


def test_children_of_a_killed_worker_are_gone_after_the_next_start(running: Installation) -> None:
    worker = running.records()["worker"]
    marker = f"CHATCMS_VAR={running.place.var}"
    assert len(session_members(worker.pid, marker)) > 1
    os.kill(worker.pid, signal.SIGKILL)
    code, output = running.run("up")
    assert code == 0, output
    assert wait_until(lambda: session_members(worker.pid, marker) == [], 10)


def test_after_kill_9_of_every_process_everything_starts_again(running: Installation) -> None:
    credentials = running.place.credentials.read_text()
    running.kill(*NAMES)
    code, output = running.run("up")
    assert code == 0, output
    assert gets_well(running)
    assert running.health() == http.client.OK
    assert running.place.credentials.read_text() == credentials


def test_two_starts_at_once_start_everything_once(running: Installation) -> None:
    running.kill("web", "worker")
    with running.begin("up") as first, running.begin("up") as second:
        outputs = [process.communicate(timeout=500)[0] for process in (first, second)]
    assert (first.returncode, second.returncode) == (0, 0), outputs
    assert sum("waiting for it" in output for output in outputs) == 1
    assert gets_well(running)


def test_another_port_while_it_runs_changes_nothing_and_says_how(running: Installation) -> None:
    before = running.records()
    code, output = running.run("up", port=running.port + 1)
    assert code == 0, output
    assert running.records() == before
    assert "To move it: ./stop-all.sh" in output


def test_a_second_product_on_the_same_port_is_told_so_before_it_starts_anything(
    running: Installation, place: Layout
) -> None:
    code, output = Installation(place, running.port).run("up")
    assert code == 1
    assert f"Port {running.port} on 127.0.0.1 is taken by another program. Cure: PORT=" in output
    assert not place.pg.exists()


def test_stopping_ends_everything_and_twice_is_harmless(running: Installation) -> None:
    before = running.records()
    assert running.run("down")[0] == 0
    assert not any(record.alive for record in before.values())
    marker = f"CHATCMS_VAR={running.place.var}"
    assert [session_members(before[name].pid, marker) for name in ("web", "worker", "scheduler")] == [[], [], []]
    assert running.run("down")[0] == 0
    assert running.run("status")[0] == 1
