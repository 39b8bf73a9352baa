"""Keeps answers that could not be saved in files, so that they outlive the process that made them.

A file is readable for the product's own user alone and sealed with the platform's key. Its operator holds a
lock on it, which the kernel lifts when that process ends, however it ends: the next one that starts takes it up.
"""

from __future__ import annotations

import fcntl
import logging
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import orjson
from django.conf import settings

from chat.money.services.ledger import Reservation
from chat.turns.services.settlement import Ending
from chat.turns.turn import TenantRef
from chatcms.core.db import sealing
from chatcms.core.exceptions import AppError
from chatcms.core.text.decimals import jsonable

logger = logging.getLogger(__name__)

FOLDER = "unsaved"
SUFFIX = ".answer"
_PURPOSE = "unsaved-answer"
# What could not be saved for so long, its tenant gone for example, is given up.
KEPT_SECONDS = 7 * 24 * 3600.0
_UUIDS = ("answer", "usage", "bot", "curated")


@dataclass(frozen=True)
class Shelved:
    """One answer in its file, which is locked."""

    path: Path
    file: IO[bytes]

    def drop(self) -> None:
        """Erase it: the answer is saved, or nobody's concern any more."""
        with suppress(FileNotFoundError):
            self.path.unlink()
        self.file.close()


def put(ending: Ending) -> Shelved | None:
    """Write an answer down; None when that is impossible, and memory is all there is."""
    name = f"{ending.key.message_id}-{ending.key.attempt}"
    path = _folder() / f"{name}{SUFFIX}"
    try:
        sealed = sealing.encrypt(_text_of(ending), purpose=_PURPOSE, context=name)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = open(path, "w+b", opener=_private)  # noqa: SIM115 - locked as long as the answer waits
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        file.write(sealed.encode())
        file.flush()
    except (OSError, AppError) as error:
        logger.error("Turn %s waits in memory alone: %s", ending.key.message_id, type(error).__name__)  # noqa: TRY400
        return None
    return Shelved(path, file)


def left_behind() -> Iterator[tuple[Ending, Shelved]]:
    """Take up what processes left that have ended."""
    for path in sorted(_folder().glob(f"*{SUFFIX}")):
        shelved = _locked(path)
        if shelved is None:
            continue
        try:
            sealed = shelved.file.read().decode()
            ending = _ending_of(sealing.decrypt(sealed, purpose=_PURPOSE, context=path.name.removesuffix(SUFFIX)))
        except (AppError, ValueError, KeyError, OSError) as error:
            logger.error("An answer that waits to be saved cannot be read: %s", type(error).__name__)  # noqa: TRY400
            _leave_or_drop(shelved)
        else:
            yield ending, shelved


def _folder() -> Path:
    return Path(settings.MEDIA_ROOT) / FOLDER


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _locked(path: Path) -> Shelved | None:
    try:
        file = path.open("r+b")
    except OSError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        is_there = os.fstat(file.fileno()).st_nlink > 0
    except OSError:
        is_there = False
    if not is_there:
        file.close()
        return None
    return Shelved(path, file)


def _leave_or_drop(shelved: Shelved) -> None:
    if time.time() - os.fstat(shelved.file.fileno()).st_mtime > KEPT_SECONDS:
        shelved.drop()
    else:
        shelved.file.close()


def _text_of(ending: Ending) -> str:
    return orjson.dumps(asdict(ending), default=jsonable).decode()


def _ending_of(text: str) -> Ending:
    stored: dict[str, Any] = orjson.loads(text)
    values: dict[str, Any] = stored["values"]
    values |= {name: values[name] and uuid.UUID(values[name]) for name in _UUIDS}
    values["cited"] = [uuid.UUID(one) for one in values["cited"]]
    values["cost"] = None if values["cost"] is None else Decimal(values["cost"])
    values["day"] = date.fromisoformat(values["day"])
    held = stored["reservation"]
    ids = tuple(uuid.UUID(one) for one in held["spending_ids"]) if held else ()
    return Ending(
        tenant=TenantRef(uuid.UUID(stored["tenant"]["id"]), stored["tenant"]["schema_name"]),
        conversation_id=uuid.UUID(stored["conversation_id"]),
        values=values,
        reservation=Reservation(Decimal(held["amount"]), ids) if held else None,
        hands_over=stored["hands_over"],
        is_heard=stored.get("is_heard", False),
    )
