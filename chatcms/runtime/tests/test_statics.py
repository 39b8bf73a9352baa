"""Tests of collecting static files at a start: once for each state of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from chatcms.runtime.errors import SetupError
from chatcms.runtime.paths import Layout
from chatcms.runtime.stamp import static_stamp
from chatcms.runtime.statics import collect, forget_earlier, with_static_root


@pytest.fixture
def ready(place: Layout) -> Layout:
    place.prepare()
    return place


def test_they_are_collected_once_and_a_second_start_skips_that(ready: Layout, bare_environ: dict[str, str]) -> None:
    settings = with_static_root(ready, bare_environ)
    left_over = ready.static / "new" / "half.css"
    left_over.parent.mkdir()
    left_over.touch()

    collect(ready, settings)

    root = ready.static / static_stamp()
    assert settings["STATIC_ROOT"] == str(root)
    assert [path.name for path in ready.static.iterdir()] == [root.name]
    assert not (root / left_over.name).exists()
    names = json.loads((root / "staticfiles.json").read_text())["paths"]
    assert (root / (names["css/base.css"] + ".gz")).exists()

    log = (ready.log / "collectstatic.log").read_text()
    collect(ready, settings)
    assert (ready.log / "collectstatic.log").read_text() == log


def test_what_fails_is_said_with_its_log_and_leaves_nothing_to_be_served(
    ready: Layout, bare_environ: dict[str, str]
) -> None:
    settings = with_static_root(ready, {**bare_environ, "DJANGO_SETTINGS_MODULE": "no.such.settings"})
    with pytest.raises(SetupError, match="collectstatic"):
        collect(ready, settings)
    assert not Path(settings["STATIC_ROOT"]).exists()


def test_those_of_earlier_states_are_removed(ready: Layout, bare_environ: dict[str, str]) -> None:
    settings = with_static_root(ready, bare_environ)
    for folder in (ready.static / "0123456789abcdef", Path(settings["STATIC_ROOT"])):
        folder.mkdir()

    forget_earlier(ready, settings)

    assert list(ready.static.iterdir()) == [Path(settings["STATIC_ROOT"])]


def test_a_folder_that_the_owner_names_is_the_owners_to_fill(ready: Layout, tmp_path: Path) -> None:
    settings = with_static_root(ready, {"STATIC_ROOT": str(tmp_path / "theirs")})
    (ready.static / "kept").mkdir()

    collect(ready, settings)
    forget_earlier(ready, settings)

    assert settings["STATIC_ROOT"] == str(tmp_path / "theirs")
    assert not (tmp_path / "theirs").exists()
    assert (ready.static / "kept").exists()
