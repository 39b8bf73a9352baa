"""Tests of where the runtime keeps its files and sockets."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from chatcms.runtime import paths
from chatcms.runtime.errors import SetupError
from chatcms.runtime.paths import layout, socket_home


def test_the_var_folder_can_be_named_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHATCMS_VAR", str(tmp_path / "elsewhere"))
    assert layout().var == tmp_path / "elsewhere"


def test_the_var_folder_is_beside_manage_py_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHATCMS_VAR")
    assert (layout().var.parent / "manage.py").exists()


def test_nobody_else_can_list_or_read_what_is_kept(tmp_path: Path) -> None:
    place = layout(tmp_path / "var")
    place.prepare()
    assert stat.S_IMODE(place.var.stat().st_mode) & 0o066 == 0
    for folder in (place.log, place.run, place.media, place.models, place.valkey):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_a_var_folder_of_another_user_is_refused_with_a_cure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(SetupError, match=r"belongs to the user.*Cure: run it as that user"):
        layout(tmp_path).require_ours()


def test_sockets_of_a_very_long_path_stay_below_the_kernels_limit(tmp_path: Path) -> None:
    home = socket_home(layout(tmp_path / ("a long name " * 20)))
    assert len(os.fsencode(home / "pg" / ".s.PGSQL.5432.lock")) < 100
    home.rmdir()


def test_the_folder_of_sockets_is_the_same_every_time(tmp_path: Path) -> None:
    home = socket_home(layout(tmp_path))
    assert socket_home(layout(tmp_path)) == home
    home.rmdir()


def test_two_checkouts_have_sockets_apart(tmp_path: Path) -> None:
    homes = {socket_home(layout(tmp_path / name)) for name in ("one", "two")}
    assert len(homes) == 2
    for home in homes:
        home.rmdir()


def test_a_link_that_squats_on_the_name_is_passed_over(tmp_path: Path) -> None:
    place = layout(tmp_path / "var")
    squatted = socket_home(place)
    squatted.rmdir()
    squatted.symlink_to(tmp_path)
    home = socket_home(place)
    squatted.unlink()
    home.rmdir()
    assert home != squatted
    assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_a_folder_of_another_user_that_squats_on_the_name_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = layout(tmp_path / "var")
    real = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: real + 1)
    name = Path(paths.SOCKET_PARENTS[0], f"chatcms-{real + 1}-{place.digest}")
    name.mkdir()
    with pytest.raises(SetupError, match="No private folder"):
        socket_home(place)
    for parent in paths.SOCKET_PARENTS:
        for made in Path(parent).glob(f"chatcms-{real + 1}-{place.digest}*"):
            made.rmdir()
