"""Reads a stored file: simple kinds here, those with parsers worth attacking in a short-lived process of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from datasets.ingestion.base import Block, ReadError, Reading
from datasets.ingestion.readers.registry import FileKind, Progress, read

MEMORY_MB = 1024
CPU_SECONDS = 120
WALL_SECONDS = 180
_PROJECT = Path(__file__).resolve().parents[2]


def read_file(path: Path, kind: FileKind, progress: Progress) -> Reading:
    """Return what is in the file; `progress(done, total)` is called in between. Raises `ReadError`.

    A reader that crashes, hangs or takes too much memory ends with its process, and the file is at fault.
    """
    if kind.apart:
        return _read_apart(path, kind, progress)
    reading = read(path, kind, progress)
    if not any(block.text.strip() for block in reading.blocks):
        raise _no_text()
    return reading


def _read_apart(path: Path, kind: FileKind, progress: Progress) -> Reading:
    blocks: list[Block] = []
    with _process(_command(path, kind)) as output:
        for line in output:
            match json.loads(line):
                case ["progress", done, total]:
                    progress(done, total)
                case ["block", text, section, page]:
                    blocks.append(Block(text, tuple(section), page))
                case ["error", code, detail]:
                    raise ReadError(code, detail)
                case ["end", pages]:
                    if not blocks:
                        raise _no_text()
                    return Reading(tuple(blocks), pages)
    raise ReadError(
        "too_complex",
        "This file could not be read: it is damaged, or takes too much time or memory. Save it again, or split it up.",
    )


def _command(path: Path, kind: FileKind) -> list[str]:
    return ["-m", "datasets.ingestion.readers", kind.name, str(path), str(MEMORY_MB), str(CPU_SECONDS)]


@contextmanager
def _process(command: list[str]) -> Iterator[IO[Any]]:
    """Run Python without our secrets in its environment, and end it with the block or when its time is up."""
    environment = {"PATH": os.defpath, "PYTHONPATH": str(_PROJECT), "PYTHONIOENCODING": "utf-8", "LC_ALL": "C.UTF-8"}
    process = subprocess.Popen(
        [sys.executable, *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd="/",
    )
    alarm = threading.Timer(WALL_SECONDS, process.kill)
    alarm.start()
    try:
        assert process.stdout is not None  # noqa: S101 - PIPE was asked for
        yield process.stdout
    finally:
        alarm.cancel()
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


def _no_text() -> ReadError:
    return ReadError("empty", "There is no text in this file. Upload a file that has text in it.")
