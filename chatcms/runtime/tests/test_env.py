"""Tests of the settings and of the secrets that are made on the first run."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from chatcms.runtime.env import (
    ensure_secrets,
    merged_settings,
    own_settings,
    read_env_file,
    write_private,
)
from chatcms.runtime.errors import SetupError
from chatcms.runtime.paths import Layout, layout

SOCKETS = Path("/tmp/chatcms-0-0123456789")


@pytest.fixture
def folder(tmp_path: Path) -> Layout:
    made = layout(tmp_path / "var")
    made.prepare()
    return made


def test_the_process_environment_wins_over_dotenv_and_dotenv_over_what_was_made(folder: Layout, tmp_path: Path) -> None:
    ensure_secrets(folder, SOCKETS)
    dotenv = tmp_path / ".env"
    dotenv.write_text("SECRET_KEY=from-dotenv\nJWT_SECRET_KEY=from-dotenv\n")
    made = read_env_file(folder.secrets)
    settings = merged_settings(folder, {"SECRET_KEY": "from-process"}, dotenv)
    assert settings["SECRET_KEY"] == "from-process"
    assert settings["JWT_SECRET_KEY"] == "from-dotenv"
    assert settings["KEY_ENCRYPTION_KEYS"] == made["KEY_ENCRYPTION_KEYS"]


def test_an_empty_value_counts_as_unset(tmp_path: Path) -> None:
    dotenv = tmp_path / ".env"
    dotenv.write_text("DATABASE_URL=\nREDIS_URL=redis://mine\n")
    assert own_settings({"REDIS_URL": "", "DATABASE_URL": ""}, dotenv) == {"REDIS_URL": "redis://mine"}


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("NAME=plain", "plain"),
        ("export NAME=exported", "exported"),
        ("  NAME = spaced  ", "spaced"),
        ("NAME='single # kept'", "single # kept"),
        ('NAME="double"', "double"),
        ("NAME=before # a remark", "before"),
        ("NAME=a=b#c", "a=b#c"),
    ],
)
def test_dotenv_lines_are_read_as_people_write_them(tmp_path: Path, line: str, value: str) -> None:
    path = tmp_path / ".env"
    path.write_text(f"# a remark\n\n{line}\n")
    assert read_env_file(path) == {"NAME": value}


def test_the_secrets_can_be_read_by_their_owner_only(folder: Layout) -> None:
    ensure_secrets(folder, SOCKETS)
    assert folder.secrets.stat().st_mode & 0o777 == 0o600


def test_the_secrets_stay_the_same_on_the_next_run(folder: Layout) -> None:
    first = ensure_secrets(folder, SOCKETS)
    assert ensure_secrets(folder, SOCKETS) == first


def test_two_installations_have_different_secrets(tmp_path: Path) -> None:
    made = []
    for name in ("one", "two"):
        place = layout(tmp_path / name)
        place.prepare()
        made.append(ensure_secrets(place, SOCKETS))
    for name in ("SECRET_KEY", "JWT_SECRET_KEY", "KEY_ENCRYPTION_KEYS", "DATABASE_PASSWORD"):
        assert made[0][name] != made[1][name]


def test_a_move_of_the_sockets_changes_the_addresses_and_keeps_the_secrets(folder: Layout) -> None:
    before = ensure_secrets(folder, SOCKETS)
    after = ensure_secrets(folder, Path("/tmp/chatcms-0-elsewhere"))
    assert "elsewhere" in after["DATABASE_URL"]
    assert "elsewhere" in after["REDIS_URL"]
    assert after["SECRET_KEY"] == before["SECRET_KEY"]
    assert read_env_file(folder.secrets) == after


def test_the_key_encryption_key_is_a_fernet_key(folder: Layout) -> None:
    assert len(base64.urlsafe_b64decode(ensure_secrets(folder, SOCKETS)["KEY_ENCRYPTION_KEYS"])) == 32


def test_lost_secrets_beside_existing_data_are_a_problem_and_not_replaced(folder: Layout) -> None:
    ensure_secrets(folder, SOCKETS)
    folder.pg.mkdir()
    folder.secrets.unlink()
    with pytest.raises(SetupError, match=r"missing or damaged.*Cure: put the file back"):
        ensure_secrets(folder, SOCKETS)
    assert not folder.secrets.exists()


def test_a_private_file_replaces_a_public_one_without_inheriting_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text("old")
    path.chmod(0o644)
    write_private(path, "new")
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text() == "new"
