"""Reads one file in a process of its own, splits it if asked, and writes what it found to stdout.

    python -m datasets.ingestion.readers REQUEST

REQUEST is a JSON object: the limits that the process sets itself, `kind`, `path` and `origin` (without them the
text is on stdin), and `split`. Each line of the output is a JSON array: ["progress", done, total]; ["block", text,
section, page] or, when split, ["sample", text] and ["piece", text, section, page, tokens, start, end]; at last ["end",
pages, [[code, pages, what], ...]] or ["error", code, detail]. A process that dies without these has hit a limit.
"""

from __future__ import annotations

import json
import resource
import sys
from contextlib import suppress
from dataclasses import astuple, replace
from pathlib import Path
from typing import Any

from chatcms.core.text.safety import seen, storable
from datasets.blocks import Block, Origin, ReadError, Reading
from datasets.ingestion.readers.estimating import fewest_pieces
from datasets.ingestion.readers.registry import KINDS, read

_MEGABYTE = 1024 * 1024
_SAMPLE_BLOCKS, _SAMPLE_CHARACTERS = 200, 200_000


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


def main(request: dict[str, Any]) -> None:
    """Do what is asked, or say why it cannot be done."""
    limit(request["memory_mb"], request["cpu_seconds"])
    try:
        reading = _reading(request)
        if request["split"]:
            _write_pieces(reading, **request["split"])
        else:
            for block in reading.blocks:
                write("block", block.text, block.section, block.page)
    except ReadError as error:
        write("error", error.code, error.detail)
    except MemoryError:
        write("error", "too_complex", "This file takes too much memory to read. Split it into smaller files.")
    else:
        write("end", reading.pages, [astuple(notice) for notice in reading.notices])


def _reading(request: dict[str, Any]) -> Reading:
    """Return what there is to read, as it can be stored; raise `ReadError` when that is nothing."""
    if request["path"] is None:
        found = Reading((Block(sys.stdin.buffer.read().decode("utf-8", "replace")),))
    else:
        found = read(Path(request["path"]), KINDS[request["kind"]], progress, Origin(**request["origin"]))
    blocks = [_storable(block) for block in found.blocks]
    if not any(seen(block.text) for block in blocks):
        raise ReadError("empty", "There is no text in this file. Upload a file that has text in it.")
    return Reading(tuple(blocks), found.pages, found.notices)


def _storable(block: Block) -> Block:
    text = storable(block.text)
    tables = tuple(replace(rows, header=storable(rows.header)) for rows in block.tables)
    # Where something was taken out, the rows are no longer where they were.
    tables = tables if len(text) == len(block.text) else ()
    return replace(block, text=text, section=tuple(map(storable, block.section)), tables=tables)


def _write_pieces(reading: Reading, *, tokenizer: str, size: int, overlap: int, most: int) -> None:
    # Here and not above: reading alone needs no tokenizer.
    from datasets.ingestion.splitter import split
    from datasets.ingestion.tokenizing import tokenizer_of

    if fewest_pieces((block.text for block in reading.blocks), size=size) > most:
        raise _too_long(most)
    write("sample", "\n".join(block.text for block in reading.blocks[:_SAMPLE_BLOCKS])[:_SAMPLE_CHARACTERS])
    sys.stdout.flush()
    count = 0
    for piece in split(reading.blocks, tokenize=tokenizer_of(tokenizer), size=size, overlap=overlap):
        count += 1
        if count > most:
            raise _too_long(most)
        write("piece", *astuple(piece))
    if not count:
        raise ReadError("empty", "There is no text in this file. Upload a file that has text in it.")


def _too_long(most: int) -> ReadError:
    return ReadError("too_long", f"This file has more text than {most:,} chunks hold, the limit. Split it up.")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
