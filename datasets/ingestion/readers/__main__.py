"""Reads one file in a process of its own, under limits that it sets itself, and writes what it found to stdout.

    python -m datasets.ingestion.readers KIND PATH MEMORY_MB CPU_SECONDS

Each line of the output is a JSON array: ["progress", done, total], ["block", text, section, page],
["end", pages] or ["error", code, detail]. A process that dies without an "end" or "error" hit a limit.
"""

from __future__ import annotations

import json
import resource
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from datasets.ingestion.base import ReadError
from datasets.ingestion.readers.registry import KINDS, read

_MEGABYTE = 1024 * 1024


def limit(memory_mb: int, cpu_seconds: int) -> None:
    """Bound what this process may take; systems that lack a limit go without it."""
    for which, value in (
        (resource.RLIMIT_AS, memory_mb * _MEGABYTE),
        (resource.RLIMIT_CPU, cpu_seconds),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(which, (value, value))


def write(*message: Any) -> None:
    """Write one line of the protocol."""
    sys.stdout.write(json.dumps(message) + "\n")


def progress(done: int, total: int) -> None:
    """Tell the parent how far the reading is; it reads while we write, so the line must leave at once."""
    if done % 25 == 0 or done == total:
        write("progress", done, total)
        sys.stdout.flush()


def main(kind: str, path: str, memory_mb: str, cpu_seconds: str) -> None:
    """Read `path` as a file of `kind`."""
    limit(int(memory_mb), int(cpu_seconds))
    try:
        reading = read(Path(path), KINDS[kind], progress)
    except ReadError as error:
        write("error", error.code, error.detail)
        return
    except MemoryError:
        write("error", "too_complex", "This file takes too much memory to read. Split it into smaller files.")
        return
    for block in reading.blocks:
        write("block", block.text, block.section, block.page)
    write("end", reading.pages)


if __name__ == "__main__":
    main(*sys.argv[1:])
