"""Stands between the product and one of its services, and lets a test take that service away."""

from __future__ import annotations

import contextlib
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import quote

from django.db import connection

_BLOCK = 65536


class Line:
    """Forwards connections to a service; `hang` forwards nothing any more, `cut` ends every connection."""

    def __init__(self, target: str | tuple[str, int]) -> None:
        self._target = target
        self._open = True
        self._flowing = threading.Event()
        self._flowing.set()
        self._links: list[socket.socket] = []
        listener = _listening()
        self.port = int(listener.getsockname()[1])
        threading.Thread(target=self._serve, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """The service is gone: connections end, and new ones before a word is said."""
        self._open = False
        for link in self._links:
            with contextlib.suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
        self._links.clear()

    def hang(self) -> None:
        """The service is stopped: connections stay and nothing comes over them."""
        self._flowing.clear()

    def mend(self) -> None:
        """The service is back."""
        self._open = True
        self._flowing.set()

    def _serve(self, listener: socket.socket) -> None:
        while True:
            near, _ = listener.accept()
            if not self._open:
                near.close()
                continue
            far = _connected(self._target)
            self._links += [near, far]
            threading.Thread(target=self._forward, args=(near, far), daemon=True).start()

    def _forward(self, near: socket.socket, far: socket.socket) -> None:
        other = {near: far, far: near}
        with near, far, contextlib.suppress(OSError):
            while True:
                self._flowing.wait()
                for link in select.select([near, far], [], [], 0.05)[0]:
                    if not self._flowing.is_set():
                        break
                    block = link.recv(_BLOCK)
                    if not block:
                        return
                    other[link].sendall(block)


@contextmanager
def line_to(target: str | tuple[str, int]) -> Iterator[Line]:
    """Lend a line to a socket (a path) or to a host and port."""
    line = Line(target)
    try:
        yield line
    finally:
        line.cut()


@contextmanager
def line_to_the_database() -> Iterator[tuple[Line, str]]:
    """Lend a line to the test database, and the URL at which a process reaches it over that line."""
    values = connection.settings_dict
    host, port = values["HOST"] or "localhost", int(values["PORT"] or 5432)
    user, password = quote(values["USER"] or "", safe=""), quote(values["PASSWORD"] or "", safe="")
    with line_to(f"{host}/.s.PGSQL.{port}" if host.startswith("/") else (host, port)) as line:
        yield line, f"postgresql://{user}:{password}@127.0.0.1:{line.port}/{values['NAME']}"


def _listening() -> socket.socket:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(64)
    return listener


def _connected(target: str | tuple[str, int]) -> socket.socket:
    link = socket.socket(socket.AF_UNIX if isinstance(target, str) else socket.AF_INET)
    link.connect(target)
    return link
