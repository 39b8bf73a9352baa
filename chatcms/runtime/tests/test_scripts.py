"""Tests of the shell scripts beside manage.py."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from chatcms.runtime.paths import ROOT

SCRIPTS = ("start-all.sh", "status.sh", "stop-all.sh", "test-all.sh", ".ci/run")


def run(script: Path, environ: dict[str, str], cwd: Path, *options: str) -> subprocess.CompletedProcess[str]:
    bash = shutil.which("bash")
    assert bash
    return subprocess.run(
        [bash, str(script), *options], cwd=cwd, env=environ, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A checkout with nothing installed, in a folder with a space in its name."""
    folder = tmp_path / "a checkout"
    (folder / "chatcms" / "runtime").mkdir(parents=True)
    for name in SCRIPTS[:4]:
        shutil.copy(ROOT / name, folder / name)
    for name in ("find_python.sh", "options.sh", "install.py"):
        shutil.copy(ROOT / "chatcms" / "runtime" / name, folder / "chatcms" / "runtime" / name)
    return folder


@pytest.fixture
def old_python(tmp_path: Path) -> Path:
    """A folder for PATH where every Python is version 3.9, beside the tools that scripts need."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("dirname", "id"):
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    for name in ("python3", "python"):
        stub = folder / name
        stub.write_text('#!/bin/sh\n[ "$1" = -V ] && echo "Python 3.9.2" && exit 0\nexit 1\n')
        stub.chmod(0o755)
    return folder


@pytest.mark.parametrize("name", SCRIPTS)
def test_every_script_is_executable_and_well_formed(name: str) -> None:
    assert os.access(ROOT / name, os.X_OK)
    assert subprocess.run(["bash", "-n", ROOT / name], check=False).returncode == 0


@pytest.mark.parametrize("option", ["--help", "-h"])
@pytest.mark.parametrize("name", SCRIPTS[:4])
def test_help_is_printed_and_nothing_is_started(copy: Path, old_python: Path, name: str, option: str) -> None:
    answer = run(copy / name, {"PATH": str(old_python)}, copy, option)

    assert answer.returncode == 0
    assert answer.stdout.startswith(f"Usage: ./{name}")
    assert "--help" in answer.stdout
    assert not answer.stderr, "it went on to look for a Python"


@pytest.mark.parametrize(
    "options", [["--hlep"], ["--help", "--fast"], ["--despite-failed-tenants=yes"], ["now"], ["*"]]
)
@pytest.mark.parametrize("name", SCRIPTS[:4])
def test_an_unknown_option_is_refused_and_nothing_is_started(
    copy: Path, old_python: Path, name: str, options: list[str]
) -> None:
    answer = run(copy / name, {"PATH": str(old_python)}, copy, *options)

    assert answer.returncode == 2
    assert answer.stderr.startswith(f"Unknown option: {options[-1]}\n\nUsage: ./{name}")


@pytest.mark.parametrize("name", ["start-all.sh", "test-all.sh"])
def test_an_old_python_is_named_with_a_cure(copy: Path, old_python: Path, name: str) -> None:
    answer = run(copy / name, {"PATH": str(old_python)}, copy)
    assert answer.returncode == 1
    assert "Python 3.11 or later is needed" in answer.stderr
    assert "Python 3.9.2" in answer.stderr
    assert "Cure: apt-get install python3" in answer.stderr


def test_a_machine_without_python_is_told_so(copy: Path, old_python: Path) -> None:
    for name in ("python3", "python"):
        (old_python / name).unlink()
    answer = run(copy / "start-all.sh", {"PATH": str(old_python)}, copy)
    assert answer.returncode == 1
    assert "there is none on the PATH" in answer.stderr


def test_status_before_the_first_start_says_what_to_do(copy: Path, tmp_path: Path) -> None:
    answer = run(copy / "status.sh", {"PATH": os.defpath}, tmp_path)
    assert answer.returncode == 1
    assert "Cure: ./start-all.sh" in answer.stderr


def test_stop_before_the_first_start_is_harmless(copy: Path, tmp_path: Path) -> None:
    answer = run(copy / "stop-all.sh", {"PATH": os.defpath}, tmp_path)
    assert answer.returncode == 0
    assert "nothing runs" in answer.stdout


def test_status_runs_from_any_folder_and_past_a_misleading_cdpath(tmp_path: Path, bare_environ: dict[str, str]) -> None:
    venv = ROOT / ".venv" / "bin" / "python"
    assert venv.exists(), "the scripts use .venv; ./start-all.sh or ./test-all.sh makes it"
    answer = run(ROOT / "status.sh", bare_environ | {"CDPATH": "/"}, tmp_path)
    assert answer.returncode == 1
    assert answer.stdout.startswith("SERVICE")
