"""The product as benchmarks of single requests ask it: a web process with a database of its own, and its own time."""

from __future__ import annotations

import os
import statistics
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

import httpx2
from chat_turns import database, provide_services, start, wait_for

T = TypeVar("T")


@contextmanager
def served(port: int, make: Callable[[], T]) -> Iterator[T]:
    """Let `make` fill an empty database, start the product on it, and give what `make` returned; all is gone after."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="chatcms-bench-")))
        provide_services(stack, folder)
        dsn = stack.enter_context(database())
        os.environ |= {"DATABASE_URL": dsn, "MEDIA_ROOT": str(folder / "media"), "LOG_LEVEL": "ERROR"}
        made = make()
        start(stack, ["-m", "chatcms.server", "--port", str(port), "--log-level", "warning"], CHATCMS_PROCESS="web")
        wait_for("product", port)
        yield made


def server_ms(web: httpx2.Client, address: str, requests: int) -> tuple[float, float]:
    """Ask an address so many times; return the median and the 95th percentile of the server's own milliseconds."""
    took = []
    for _ in range(requests):
        answer = web.get(address)
        answer.raise_for_status()
        took.append(float(answer.headers["X-Process-Time"]) * 1000)
    return statistics.median(took), statistics.quantiles(took, n=20)[18]
