"""Keeps uploaded files under their tenant's folder, by random names; the original name is only in the database."""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.conf import settings


class Upload(Protocol):
    """A file as Django hands it over."""

    def chunks(self, chunk_size: int | None = None) -> Iterator[bytes]: ...


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that has been written: `<tenant id>/<file id>` below the media folder."""

    key: str
    size_bytes: int
    sha256: str
    head: bytes


class TooLargeError(Exception):
    """The file went on after the allowed number of bytes."""


def new_key(tenant_id: uuid.UUID) -> str:
    """Return a key that nobody can guess."""
    return f"{tenant_id}/{uuid.uuid4()}"


def file_id(key: str) -> uuid.UUID:
    """Return the file's own id out of its key."""
    return uuid.UUID(key.rpartition("/")[2])


def path_of(key: str) -> Path:
    """Return where the file of `key` is; refuses a key that is not made of two UUIDs."""
    tenant_part, _, file_part = key.partition("/")
    return Path(settings.MEDIA_ROOT) / str(uuid.UUID(tenant_part)) / str(uuid.UUID(file_part))


def save(key: str, upload: Upload, *, limit: int, head_bytes: int) -> StoredFile:
    """Write `upload` under `key`, synced to the disk; raise `TooLargeError` (nothing kept) past `limit` bytes."""
    path = path_of(key)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _removed_on_error(path), open(path, "xb", opener=_private) as target:
        digest, size, head = hashlib.sha256(), 0, b""
        for piece in upload.chunks():
            size += len(piece)
            if size > limit:
                raise TooLargeError
            digest.update(piece)
            target.write(piece)
            if len(head) < head_bytes:
                head += piece[: head_bytes - len(head)]
        target.flush()
        os.fsync(target.fileno())
    return StoredFile(key, size, digest.hexdigest(), head)


def delete(key: str) -> None:
    """Remove the file of `key`; nothing happens when it is gone already."""
    path_of(key).unlink(missing_ok=True)


def delete_all_of(tenant_id: uuid.UUID) -> None:
    """Remove every file of a tenant; nothing happens when there is none."""
    with suppress(FileNotFoundError):
        shutil.rmtree(Path(settings.MEDIA_ROOT) / str(uuid.UUID(str(tenant_id))))


@contextmanager
def _removed_on_error(path: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
