"""The system user that the database runs as when root starts it, since PostgreSQL refuses to run as root."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from .errors import SetupError

NAME = "chatcms"


@dataclass(frozen=True)
class Account:
    """A system user to run a process as."""

    name: str
    uid: int
    gid: int


class Identity(TypedDict, total=False):
    """The arguments of subprocess that change the user."""

    user: int
    group: int
    extra_groups: list[int]
    umask: int


def database_account() -> Account | None:
    """The user for the database: None (ourselves) unless we are root.

    As root it is `chatcms`, made if absent, else `nobody`.
    """
    if os.geteuid() != 0:
        return None
    for name in (NAME, "nobody"):
        if name == NAME and not _exists(NAME):
            _create()
        if _exists(name):
            entry = pwd.getpwnam(name)
            if entry.pw_uid != 0:
                return Account(name, entry.pw_uid, entry.pw_gid)
    raise SetupError(
        "PostgreSQL refuses to run as root and no other system user could be made for it.",
        f"make a user named {NAME} (useradd --system {NAME}), or run this as an ordinary user.",
    )


def run_as(account: Account | None) -> Identity:
    """Arguments for subprocess that run a program as `account`, with files private to it."""
    if account is None:
        return {"umask": 0o077}
    return {"umask": 0o077, "user": account.uid, "group": account.gid, "extra_groups": []}


def can_run(account: Account | None, argv: Sequence[str]) -> bool:
    """Whether the account may reach and run this program (it exits with 0)."""
    try:
        answer = subprocess.run(argv, capture_output=True, cwd="/", check=False, **run_as(account))
    except OSError:
        return False
    return answer.returncode == 0


def can_enter(account: Account | None, folder: Path) -> bool:
    """Whether the account may pass through this folder."""
    return can_run(account, ["/bin/sh", "-c", 'cd "$1"', "sh", str(folder)])


def _exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _create() -> None:
    useradd, adduser = shutil.which("useradd", path=_ADMIN_PATH), shutil.which("adduser", path=_ADMIN_PATH)
    if useradd:
        argv = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        argv += ["--shell", "/usr/sbin/nologin", NAME]
    elif adduser:  # Alpine's BusyBox
        argv = [adduser, "-S", "-D", "-H", "-s", "/sbin/nologin", NAME]
    else:
        return
    subprocess.run(argv, capture_output=True, check=False)


_ADMIN_PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
