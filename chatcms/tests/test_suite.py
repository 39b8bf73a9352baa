"""The run that tells flaky tests from broken ones, on small suites of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from chatcms.config.environment import BASE_DIR
from chatcms.tests.suite import MOST_FILES, MOST_FLAKY, Run, Verdict, judge

PASSES = "def test_passes():\n    assert True\n"
FAILS = "def test_fails():\n    assert False\n"
# Fails in the first process that runs it and passes in every later one.
FLAKY = """
import pathlib
MARK = pathlib.Path(__file__).with_suffix(".ran")
def test_{name}():
    first = not MARK.exists()
    MARK.touch()
    assert not first
"""


def run_suite(folder: Path, files: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Write `files` as a project of their own and run its whole suite."""
    for name, text in {"pytest.ini": "[pytest]\naddopts = -p xdist\n", **files}.items():
        (folder / name).write_text(text)
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    return subprocess.run(
        [sys.executable, "-m", "chatcms.tests.suite", *arguments],
        cwd=folder,
        env={**outside, "PYTHONPATH": str(BASE_DIR), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def flaky(count: int) -> dict[str, str]:
    return {f"test_flaky_{number}.py": FLAKY.format(name=f"flaky_{number}") for number in range(count)}


def test_a_green_suite_runs_once(tmp_path: Path) -> None:
    done = run_suite(tmp_path, {"test_good.py": PASSES})
    assert done.returncode == 0
    assert "1 passed" in done.stdout
    assert "Once more" not in done.stdout


def test_a_test_that_passes_alone_is_named_as_flaky_and_the_run_passes(tmp_path: Path) -> None:
    done = run_suite(tmp_path, {"test_good.py": PASSES, **flaky(1)})
    assert done.returncode == 0, done.stdout
    assert "Flaky: 1 failed among the others" in done.stdout
    assert "test_flaky_0.py::test_flaky_0" in done.stdout.partition("Flaky:")[2]
    assert done.stdout.rstrip().endswith("2 passed, 0 failed")


def test_both_results_are_printed(tmp_path: Path) -> None:
    done = run_suite(tmp_path, flaky(1), "-n", "0")
    first, _, second = done.stdout.partition("Once more")
    assert "1 failed" in first
    assert "1 passed" in second


def test_a_test_that_fails_both_times_fails_the_run(tmp_path: Path) -> None:
    done = run_suite(tmp_path, {"test_bad.py": FAILS + PASSES, **flaky(1)}, "-n", "0")
    assert done.returncode == 1
    assert "Failed both times: 1." in done.stdout
    assert done.stdout.rstrip().endswith("2 passed, 1 failed")


def test_more_flaky_tests_than_allowed_fail_the_run(tmp_path: Path) -> None:
    done = run_suite(tmp_path, flaky(MOST_FLAKY + 1), "-n", "0")
    assert done.returncode == 1
    assert f"Flaky: {MOST_FLAKY + 1} failed" in done.stdout


def test_a_suite_that_is_broken_is_not_run_again(tmp_path: Path) -> None:
    done = run_suite(tmp_path, {f"test_bad_{number}.py": FAILS for number in range(MOST_FILES + 1)}, "-n", "0")
    assert done.returncode == 1
    assert "none is run again" in done.stdout


@pytest.mark.parametrize("text", ["import nothing_of_this_name\n", "def test_(:\n"], ids=["import", "syntax"])
def test_a_file_that_cannot_be_read_fails_the_run(tmp_path: Path, text: str) -> None:
    assert run_suite(tmp_path, {"test_good.py": PASSES, "test_broken.py": text}, "-n", "0").returncode != 0


def test_no_test_at_all_fails_the_run(tmp_path: Path) -> None:
    assert run_suite(tmp_path, {}, "-n", "0").returncode != 0


def test_a_process_that_dies_fails_its_test(tmp_path: Path) -> None:
    done = run_suite(tmp_path, {"test_dies.py": "import os\ndef test_dies():\n    os._exit(3)\n"})
    assert done.returncode != 0


def test_a_run_that_broke_off_proves_nothing() -> None:
    first = Run(1, frozenset(), frozenset({"a"}))
    assert judge(first, [Run(3, frozenset({"a"}), frozenset())]).failed == {"a"}


def test_what_was_not_run_again_has_failed() -> None:
    first = Run(1, frozenset({"a"}), frozenset({"b", "c"}))
    verdict = judge(first, [Run(0, frozenset({"b"}), frozenset())])
    assert verdict == Verdict(passed=frozenset("ab"), flaky=frozenset("b"), failed=frozenset("c"))
    assert verdict.code == 1
