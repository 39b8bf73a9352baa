"""Tests of the stamp that tells whether running processes are up to date."""

from __future__ import annotations

from pathlib import Path

import pytest

from chatcms.runtime.paths import Layout
from chatcms.runtime.stamp import code_stamp, static_stamp


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in (
        "chat/models.py",
        "chat/tests/test_models.py",
        "static/css/base.css",
        "docs/guide.md",
        ".venv/lib/x.py",
        "var/log/web.log",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("first\n")
    (tmp_path / "requirements.txt").write_text("Django==5.2\n")
    return tmp_path


def stamp(root: Path) -> str:
    return code_stamp(Layout(root / "var"), root)


def test_it_stays_the_same_while_nothing_changes(root: Path) -> None:
    assert stamp(root) == stamp(root)


@pytest.mark.parametrize("name", ["chat/models.py", "chat/new.py", "requirements.txt", ".env"])
def test_it_changes_with_the_product(root: Path, name: str) -> None:
    before = stamp(root)
    (root / name).write_text("second version\n")
    assert stamp(root) != before


@pytest.mark.parametrize("name", ["chat/tests/test_models.py", "docs/guide.md", ".venv/lib/x.py", "var/log/web.log"])
def test_it_does_not_change_with_what_no_process_loads(root: Path, name: str) -> None:
    before = stamp(root)
    (root / name).write_text("second version\n")
    assert stamp(root) == before


@pytest.mark.parametrize(
    "name", ["static/css/base.css", "static/js/new.js", "requirements.txt", "chatcms/statics/storage.py"]
)
def test_the_one_of_static_files_changes_with_what_is_collected(root: Path, name: str) -> None:
    before = static_stamp(root)
    assert static_stamp(root) == before
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text("second version\n")
    assert static_stamp(root) != before


def test_the_one_of_static_files_does_not_change_with_the_code(root: Path) -> None:
    before = static_stamp(root)
    (root / "chat/models.py").write_text("second version\n")
    assert static_stamp(root) == before
