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
from typing import BinaryIO, Protocol

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


class Writer:
    """Takes a file's bytes as they come, counting and hashing them; `stored` says what has been written."""

    def __init__(self, key: str, target: BinaryIO, *, limit: int, head_bytes: int) -> None:
        self._key = key
        self._target = target
        self._limit = limit
        self._head_bytes = head_bytes
        self._digest = hashlib.sha256()
        self._size = 0
        self._head = b""

    def write(self, piece: bytes) -> None:
        """Add `piece`; raise `TooLargeError` once there are more bytes than allowed."""
        self._size += len(piece)
        if self._size > self._limit:
            raise TooLargeError
        self._digest.update(piece)
        self._target.write(piece)
        if len(self._head) < self._head_bytes:
            self._head += piece[: self._head_bytes - len(self._head)]

    @property
    def stored(self) -> StoredFile:
        """What has been written so far; the file has all of it."""
        if not self._target.closed:
            self._target.flush()
        return StoredFile(self._key, self._size, self._digest.hexdigest(), self._head)


@contextmanager
def writing(key: str, *, limit: int, head_bytes: int) -> Iterator[Writer]:
    """Lend a writer to the file of `key`, which is synced to the disk after the block and removed on an error."""
    path = path_of(key)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _removed_on_error(path), open(path, "xb", opener=_private) as target:
        yield Writer(key, target, limit=limit, head_bytes=head_bytes)
        target.flush()
        os.fsync(target.fileno())


def save(key: str, upload: Upload, *, limit: int, head_bytes: int) -> StoredFile:
    """Write `upload` under `key`, synced to the disk; raise `TooLargeError` (nothing kept) past `limit` bytes."""
    with writing(key, limit=limit, head_bytes=head_bytes) as writer:
        for piece in upload.chunks():
            writer.write(piece)
    return writer.stored


def written_before(tenant_id: uuid.UUID, moment: float) -> Iterator[str]:
    """Give the keys of the tenant's files that were last written before a moment (seconds since 1970)."""
    folder = Path(settings.MEDIA_ROOT) / str(tenant_id)
    with suppress(FileNotFoundError):
        for entry in os.scandir(folder):
            with suppress(FileNotFoundError, ValueError):
                uuid.UUID(entry.name)
                if entry.is_file(follow_symlinks=False) and entry.stat().st_mtime < moment:
                    yield f"{tenant_id}/{entry.name}"


def kept_beside(key: str) -> Path:
    """Return where what was worked out of the file of `key` is kept meanwhile; it goes with the file."""
    return path_of(key).with_suffix(".kept")


def delete(key: str) -> None:
    """Remove the file of `key` and what is kept beside it; nothing happens when it is gone already."""
    path_of(key).unlink(missing_ok=True)
    kept_beside(key).unlink(missing_ok=True)


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
