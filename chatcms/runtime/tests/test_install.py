"""Tests of making .venv and installing the locks, with the real venv and pip and no network."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from chatcms.runtime import install as installer
from chatcms.runtime.install import Installation, InstallError, install

LOCK = "requirements.txt"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("UV_OFFLINE", "1")
    folder = tmp_path / "a check out"
    folder.mkdir()
    (folder / LOCK).write_text("# nothing is needed\n")
    return Installation(folder)


@pytest.fixture(scope="module")
def first_run(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A checkout as a first run leaves it, for tests of what comes afterwards to copy: making one takes long."""
    first = Installation(tmp_path_factory.mktemp("a check out"))
    (first.root / LOCK).write_text("# nothing is needed\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIP_NO_INDEX", "1")
        patch.setenv("UV_OFFLINE", "1")
        install(first, [LOCK])
    return first


@pytest.fixture
def installed(checkout: Installation, first_run: Installation) -> Installation:
    """A checkout whose first install has ended well."""
    shutil.copytree(first_run.venv, checkout.venv, symlinks=True)
    return checkout


def no_module(name: str) -> ModuleSpec | None:
    assert name in {"ensurepip", "venv"}
    return None


def test_a_first_run_makes_an_environment_that_works(first_run: Installation) -> None:
    assert subprocess.run([first_run.python, "-c", "import sys"], check=False).returncode == 0
    assert not first_run.unfinished.exists()


def test_an_unchanged_lock_is_not_installed_again(installed: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    install(installed, [LOCK])
    assert capsys.readouterr().out == ""


def test_a_changed_lock_is_installed_into_the_same_environment(
    installed: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = installed.venv / "kept"
    kept.touch()
    (installed.root / LOCK).write_text("# still nothing\n")
    install(installed, [LOCK])
    assert "Installing" in capsys.readouterr().out
    assert kept.exists()


def test_an_interrupted_install_is_begun_anew(installed: Installation) -> None:
    half = installed.venv / "half-installed"
    half.touch()
    installed.unfinished.mkdir()
    install(installed, [LOCK])
    assert not half.exists()
    assert not installed.unfinished.exists()


def test_an_environment_whose_python_is_gone_is_made_anew(installed: Installation) -> None:
    installed.python.unlink()
    installed.python.symlink_to("/nonexistent/python3")
    install(installed, [LOCK])
    assert subprocess.run([installed.python, "-c", ""], check=False).returncode == 0


def test_a_missing_venv_module_is_one_line_with_the_packages_name(
    checkout: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", no_module)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(InstallError, match=r"venv module .* is missing.*Cure: apt-get install python3\.\d+-venv"):
        install(checkout, [LOCK])


def test_a_full_disk_is_found_out_before_anything_is_made(
    checkout: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installer, "FREE_BYTES", 10**18)
    with pytest.raises(InstallError, match=r"too full.*Cure: free some space"):
        install(checkout, [LOCK])
    assert not checkout.venv.exists()


def test_a_package_that_cannot_be_had_is_explained_and_the_log_is_kept(installed: Installation) -> None:
    (installed.root / LOCK).write_text(f"no-such-package-here==1.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(InstallError, match=r"does not exist for this Python.*install\.log"):
        install(installed, [LOCK])
    assert "no-such-package-here" in installed.log.read_text()


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("NewConnectionError: Failed to establish a new connection", "registry could not be reached"),
        ("THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "differs from the one"),
        ("something unheard of", "could not be installed"),
    ],
)
def test_the_end_of_the_installers_log_is_put_into_words(checkout: Installation, line: str, what: str) -> None:
    checkout.unfinished.mkdir()
    checkout.log.write_text(f"many lines before\n{line}\n")
    assert what in str(installer._explained(checkout))
