"""Tests of making .venv and installing the locks, with the real venv and pip and no network."""

from __future__ import annotations

import importlib.util
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


def no_module(name: str) -> ModuleSpec | None:
    assert name in {"ensurepip", "venv"}
    return None


def test_a_first_run_makes_an_environment_that_works(checkout: Installation) -> None:
    install(checkout, [LOCK])
    assert subprocess.run([checkout.python, "-c", "import sys"], check=False).returncode == 0
    assert not checkout.unfinished.exists()


def test_an_unchanged_lock_is_not_installed_again(checkout: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    install(checkout, [LOCK])
    capsys.readouterr()
    install(checkout, [LOCK])
    assert capsys.readouterr().out == ""


def test_a_changed_lock_is_installed_into_the_same_environment(
    checkout: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    install(checkout, [LOCK])
    kept = checkout.venv / "kept"
    kept.touch()
    (checkout.root / LOCK).write_text("# still nothing\n")
    capsys.readouterr()
    install(checkout, [LOCK])
    assert "Installing" in capsys.readouterr().out
    assert kept.exists()


def test_an_interrupted_install_is_begun_anew(checkout: Installation) -> None:
    install(checkout, [LOCK])
    half = checkout.venv / "half-installed"
    half.touch()
    checkout.unfinished.mkdir()
    install(checkout, [LOCK])
    assert not half.exists()
    assert not checkout.unfinished.exists()


def test_an_environment_whose_python_is_gone_is_made_anew(checkout: Installation) -> None:
    install(checkout, [LOCK])
    checkout.python.unlink()
    checkout.python.symlink_to("/nonexistent/python3")
    install(checkout, [LOCK])
    assert subprocess.run([checkout.python, "-c", ""], check=False).returncode == 0


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


def test_a_package_that_cannot_be_had_is_explained_and_the_log_is_kept(checkout: Installation) -> None:
    (checkout.root / LOCK).write_text(f"no-such-package-here==1.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(InstallError, match=r"does not exist for this Python.*install\.log"):
        install(checkout, [LOCK])
    assert "no-such-package-here" in checkout.log.read_text()


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
