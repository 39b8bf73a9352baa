"""Reads and splits files and texts in a short-lived process of its own, which is killed when it takes too much.

What people send may hold a parser, a pattern or a decoder for longer than anyone waits, and those hold Python's lock
meanwhile. So nothing of it is worked on in the processes that answer requests and keep leases: these only wait for
the process, and can always end it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector
from typing import IO, Any

from datasets.blocks import Block, Notice, NoticeCode, Origin, Piece, ReadError, Reading
from datasets.ingestion.readers.registry import FileKind, Progress

_SECONDS_BETWEEN_LOOKS = 1.0
_READ_BYTES = 64 * 1024
_PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a process may take before it is ended."""

    memory_mb: int = 1024
    cpu_seconds: int = 120
    wall_seconds: float = 180.0


def _nothing() -> None:
    """Stand for what nobody wants to be told."""


# While somebody waits for an answer
AT_ONCE = Limits(cpu_seconds=20, wall_seconds=30.0)


@dataclass(frozen=True, slots=True)
class Split:
    """How to split: with which tokenizer, into how many pieces of how many tokens, with how many of them twice."""

    tokenizer: str
    size: int
    overlap: int
    most: int


@dataclass(slots=True)
class Parts:
    """The pieces of a text in order, a sample of it by which its language can be told, its pages, and notices."""

    pieces: list[Piece] = field(default_factory=list)
    sample: str = ""
    pages: int | None = None
    notices: tuple[Notice, ...] = ()


def read_file(
    path: Path, kind: FileKind, progress: Progress, *, origin: Origin | None = None, limits: Limits | None = None
) -> Reading:
    """Return what is in the file; `progress(done, total)` is called in between. Raises `ReadError`.

    A reader that crashes, hangs or takes too much memory ends with its process, and the file is at fault.
    """
    blocks: list[Block] = []
    pages: int | None = None
    notices: tuple[Notice, ...] = ()
    for message in _answers(_request(limits, path=path, kind=kind, origin=origin)):
        match message:
            case ["progress", done, total]:
                progress(done, total)
            case ["block", text, section, page]:
                blocks.append(Block(text, tuple(section), page))
            case ["end", pages, told]:
                notices = _notices(told)
                break
    return Reading(tuple(blocks), pages, notices)


def split_file(
    path: Path,
    kind: FileKind,
    how: Split,
    *,
    progress: Progress = lambda _done, _total: None,
    when_read: Callable[[], None] = _nothing,
    meanwhile: Callable[[], None] = _nothing,
    origin: Origin | None = None,
    limits: Limits | None = None,
) -> Parts:
    """Return the file's text in pieces; `when_read()` is called between reading and splitting. Raises `ReadError`.

    `meanwhile()` is called about once a second and more often; what it raises ends the process at once.
    """
    request = _request(limits, path=path, kind=kind, how=how, origin=origin)
    return _parts(_answers(request, meanwhile=meanwhile), progress, when_read)


def split_text(text: str, how: Split, *, limits: Limits | None = None) -> Parts:
    """Return a text in pieces. Raises `ReadError`."""
    return _parts(_answers(_request(limits, how=how), text), lambda _done, _total: None, _nothing)


def _parts(messages: Generator[list[Any], None, None], progress: Progress, when_read: Callable[[], None]) -> Parts:
    parts = Parts()
    # What the callbacks raise ends the process at once, and not when somebody forgets the error.
    with closing(messages):
        for message in messages:
            match message:
                case ["progress", done, total]:
                    progress(done, total)
                case ["sample", text]:
                    parts.sample = text
                    when_read()
                case ["piece", text, section, page, tokens, start, end]:
                    parts.pieces.append(Piece(text, tuple(section), page, tokens, start, end))
                case ["end", pages, told]:
                    parts.pages, parts.notices = pages, _notices(told)
                    break
    return parts


def _notices(told: list[list[Any]]) -> tuple[Notice, ...]:
    return tuple(Notice(NoticeCode(code), tuple(pages), what) for code, pages, what in told)


def _request(
    limits: Limits | None,
    *,
    path: Path | None = None,
    kind: FileKind | None = None,
    how: Split | None = None,
    origin: Origin | None = None,
) -> dict[str, Any]:
    return {
        **asdict(limits or Limits()),
        "path": str(path) if path else None,
        "kind": kind.name if kind else None,
        "origin": asdict(origin or Origin()),
        "split": asdict(how) if how else None,
    }


def _answers(
    request: dict[str, Any], text: str | None = None, *, meanwhile: Callable[[], None] = _nothing
) -> Generator[list[Any], None, None]:
    """Yield what the process says, up to its end. Raises `ReadError`, also when it ends without having said so."""
    with _process(_command(request), request["wall_seconds"], text) as output:
        for line in _lines(output, meanwhile):
            message: list[Any] = json.loads(line)
            if message[0] == "error":
                raise ReadError(message[1], message[2])
            yield message
            if message[0] == "end":
                return
    raise ReadError(
        "too_complex",
        "This file could not be read: it is damaged, or takes too much time or memory. Save it again, or split it up.",
    )


def _lines(output: IO[bytes], meanwhile: Callable[[], None]) -> Iterator[bytes]:
    """Yield the lines of a pipe as they come, and call `meanwhile()` at least once a second."""
    begun: list[bytes] = []
    with DefaultSelector() as pipe:
        pipe.register(output, EVENT_READ)
        while True:
            while not pipe.select(_SECONDS_BETWEEN_LOOKS):
                meanwhile()
            meanwhile()
            read = os.read(output.fileno(), _READ_BYTES)
            first, *more = read.split(b"\n")
            begun.append(first)
            for rest in more:
                yield b"".join(begun)
                begun = [rest]
            if not read:
                return


def _command(request: dict[str, Any]) -> list[str]:
    return ["-m", "datasets.ingestion.readers", json.dumps(request)]


@contextmanager
def _process(command: list[str], wall_seconds: float, text: str | None) -> Iterator[IO[Any]]:
    """Run Python without our secrets in its environment, and end it with the block or when its time is up."""
    environment = {"PATH": os.defpath, "PYTHONPATH": str(_PROJECT), "PYTHONIOENCODING": "utf-8", "LC_ALL": "C.UTF-8"}
    process = subprocess.Popen(
        [sys.executable, *command],
        stdin=subprocess.DEVNULL if text is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**environment, "TOKENIZERS_PARALLELISM": "false"},
        cwd="/",
    )
    alarm = threading.Timer(wall_seconds, process.kill)
    alarm.start()
    try:
        if text is not None:
            _hand_over(process, text)
        assert process.stdout is not None  # noqa: S101 - PIPE was asked for
        yield process.stdout
    finally:
        alarm.cancel()
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def _hand_over(process: subprocess.Popen[bytes], text: str) -> None:
    """Write the text before anything is read: the process says nothing until it has all of it."""
    assert process.stdin is not None  # noqa: S101 - PIPE was asked for
    try:
        process.stdin.write(text.encode("utf-8", "replace"))
        process.stdin.close()
    except BrokenPipeError:
        return
