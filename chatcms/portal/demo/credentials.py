"""The file of the demonstration's sign-ins, which follows what becomes of them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tenants.models import User


@dataclass(frozen=True, slots=True)
class Account:
    """A sign-in with its password, which no other place knows."""

    purpose: str
    email: str
    password: str
    path: str


def follow(path: Path, new: Sequence[Account] = ()) -> None:
    """Add the new sign-ins to the file, and take those away that do not work any more.

    A file without any is removed. One that says all that already is left alone.
    """
    before = read(path)
    replaced = {account.email for account in new}
    kept = [account for account in before if account.email not in replaced and _works(account)]
    now = [*kept, *new]
    if now and now != before:
        write(path, now)
    elif not now:
        path.unlink(missing_ok=True)


def read(path: Path) -> list[Account]:
    """Return the sign-ins of a file as `write` writes it; what is spelt otherwise is left out."""
    if not path.exists():
        return []
    parts = [part.splitlines() for part in path.read_text(encoding="utf-8").split("\n\n")]
    return [Account(*(line.strip() for line in lines)) for lines in parts if len(lines) == 4]


def write(path: Path, accounts: Sequence[Account]) -> None:
    """Write the sign-ins to a file that only its owner may read."""
    lines = [f"{account.purpose}\n  {account.email}\n  {account.password}\n  {account.path}\n" for account in accounts]
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write("\n".join(lines))


def _works(account: Account) -> bool:
    user = User.objects.filter(email=account.email, is_active=True).first()
    return user is not None and user.check_password(account.password)
