"""The product's own server, with clocks that tests can wait for, and a temporary folder that tests can look into."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from chatcms.tests import live

HEAD_SECONDS = BODY_SECONDS = 1.0
MAX_UPLOAD_BYTES = 3 * 1024 * 1024


@dataclass(frozen=True)
class Server:
    """Where the server listens, where its temporary files go, and what it logged."""

    address: str
    folder: Path
    log: Path

    def held_bytes(self) -> int:
        """How many bytes of temporary files the server has open; such files have no name in their folder."""
        sizes = []
        for process in Path("/proc").glob("[0-9]*"):
            # A process may end while it is looked at.
            with suppress(OSError):
                sizes += [self._size_of(link) for link in list((process / "fd").iterdir())]
        return sum(sizes)

    def _size_of(self, link: Path) -> int:
        with suppress(OSError):
            if str(link.readlink()).startswith(str(self.folder)):
                return link.stat().st_size
        return 0


@pytest.fixture(scope="module")
def server(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("temporary")
    log = tmp_path_factory.mktemp("log") / "web.log"
    extra = {
        "TMPDIR": str(folder),
        "REQUEST_HEAD_SECONDS": str(HEAD_SECONDS),
        "REQUEST_BODY_SECONDS": str(BODY_SECONDS),
        "UPLOAD_TURN_SECONDS": "0.5",
        "MAX_UPLOAD_BYTES": str(MAX_UPLOAD_BYTES),
        "RATE_LIMITS": "off",
    }
    with live.web_server(extra=extra, log=log) as address:
        yield Server(address, folder, log)
