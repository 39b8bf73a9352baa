"""What people send is read and split in a process that is ended in time, although it holds Python's lock."""

from __future__ import annotations

import signal
import subprocess
import threading
import uuid
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from chatcms.core.exceptions import InvalidInputError
from datasets.blocks import Block, Piece, ReadError, Reading
from datasets.exceptions import PreviewRunningError, PreviewsBusyError
from datasets.ingestion import reading, splitter, tokens
from datasets.ingestion.readers import __main__ as readers
from datasets.ingestion.readers import registry
from datasets.ingestion.readers.registry import KINDS
from datasets.ingestion.reading import Limits, Split
from datasets.models import Dataset
from datasets.services import preview_text, turns
from tenants.models import Tenant

# A pattern that backtracks for years, inside C and with the lock held: no thread of its process runs meanwhile.
STUCK = """
import re
from datasets.ingestion.readers.__main__ import limit
limit(1024, {cpu_seconds})
re.match("(a+)+b", "a" * 64)
"""


def stuck(request: dict[str, Any]) -> list[str]:
    return ["-c", STUCK.format(cpu_seconds=request["cpu_seconds"])]


@pytest.fixture
def how() -> Split:
    return Split(tokens.tokenizer_file(), 200, 40, 1000)


@pytest.mark.parametrize("limits", [Limits(cpu_seconds=1), Limits(wall_seconds=1.0)], ids=["processor", "clock"])
def test_a_reader_that_holds_the_lock_is_ended_and_others_run_meanwhile(
    how: Split, monkeypatch: pytest.MonkeyPatch, limits: Limits
) -> None:
    monkeypatch.setattr(reading, "_command", stuck)
    refused: list[str] = []

    def wait() -> None:
        try:
            reading.split_text("text", how, limits=limits)
        except ReadError as error:
            refused.append(error.code)

    waiting = threading.Thread(target=wait)
    waiting.start()
    turns = 0
    while waiting.is_alive():
        waiting.join(0.05)
        turns += 1

    assert refused == ["too_complex"]
    assert turns > 1


@pytest.mark.parametrize("kind", KINDS)
def test_no_reader_runs_in_this_process(tmp_path: Path, how: Split, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(registry, "read", lambda *_: pytest.fail("read here"))
    monkeypatch.setattr(splitter, "split", lambda *_, **__: pytest.fail("split here"))
    path = tmp_path / "file"
    path.write_bytes(b"<html><body>Some text." if kind == "html" else b"Some text.")

    if kind in {"pdf", "docx"}:
        with pytest.raises(ReadError) as refused:
            reading.split_file(path, KINDS[kind], how)
        assert refused.value.code == "damaged"
    else:
        assert [piece.text for piece in reading.split_file(path, KINDS[kind], how).pieces] == ["Some text."]


def test_a_text_is_previewed_by_the_limited_process(in_acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []
    command = reading._command

    def noted(request: dict[str, Any]) -> list[str]:
        asked.append(request)
        return command(request)

    monkeypatch.setattr(reading, "_command", noted)

    preview = preview_text(dataset=Dataset(), text=f"# a{' ' * 100_000}b", chunk_tokens=50, chunk_overlap=0)

    assert [one["cpu_seconds"] for one in asked] == [reading.AT_ONCE.cpu_seconds]
    assert max(len(piece.text) for piece in preview.pieces) < 1000


def test_a_text_of_nothing_says_so(how: Split) -> None:
    with pytest.raises(ReadError) as refused:
        reading.split_text(" \n" * 1000, how)
    assert refused.value.code == "empty"


def test_one_preview_of_each_tenant_and_few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = (uuid.uuid4() for _ in range(3))
    with turns.taken(first):
        with pytest.raises(PreviewRunningError) as refused, turns.taken(first):
            pass
        with turns.taken(second), pytest.raises(PreviewsBusyError) as busy, turns.taken(third):
            pass
    assert (refused.value.extra["retry_after"], busy.value.extra["retry_after"]) == (2, 5)
    with turns.taken(first), turns.taken(third):
        pass


def test_a_preview_that_fails_gives_its_turn_back(in_acme: Tenant) -> None:
    for _ in range(turns.MOST_AT_ONCE + 1):
        with pytest.raises(InvalidInputError):
            preview_text(dataset=Dataset(), text=" ", chunk_tokens=50, chunk_overlap=0)


class GoneError(Exception):
    """What is worked on is there no more."""


# Says how far it is, if anything, and then nothing for years.
SILENT = """
import sys, time
print({line!r}, flush=True)
time.sleep(100_000)
"""


@pytest.mark.parametrize(
    ("line", "callback"),
    [("", "meanwhile"), ('["progress", 1, 2]', "progress"), ('["sample", "text"]', "when_read")],
    ids=["silent", "told its progress", "has read"],
)
def test_a_process_ends_when_what_it_works_on_is_gone(
    how: Split, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, callback: str
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def noted(*arguments: Any, **named: Any) -> subprocess.Popen[bytes]:
        started.append(popen(*arguments, **named))
        return started[-1]

    def gone(*_: object) -> None:
        raise GoneError

    monkeypatch.setattr(subprocess, "Popen", noted)
    code = SILENT.format(line=line) if line else SILENT.replace("print({line!r}, flush=True)\n", "")
    monkeypatch.setattr(reading, "_command", lambda _request: ["-c", code])

    callbacks: dict[str, Any] = {callback: gone}
    with pytest.raises(GoneError) as caught:
        reading.split_file(tmp_path / "file", KINDS["txt"], how, **callbacks)

    # The error is still held here, and with it all that its frames hold.
    assert caught.value is not None
    assert [process.returncode for process in started] == [-signal.SIGKILL]


def test_lines_longer_than_a_pipe_come_whole(how: Split, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import json; print(json.dumps(['sample', 'x' * 150_000])); print(json.dumps(['end', 3, []]))"
    monkeypatch.setattr(reading, "_command", lambda _request: ["-c", code])

    parts = reading.split_file(tmp_path / "file", KINDS["txt"], how)

    assert (len(parts.sample), parts.pages) == (150_000, 3)


def test_splitting_stops_at_the_limit(how: Split, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file"
    path.write_text("Letters of one long word count little: " + "x" * 100_000)

    with pytest.raises(ReadError) as refused:
        reading.split_file(path, KINDS["txt"], replace(how, size=50, most=3))

    assert (refused.value.code, "3 chunks" in refused.value.detail) == ("too_long", True)


@pytest.mark.parametrize("most", [2, 100_000])
def test_a_text_that_is_surely_too_long_is_not_split_at_all(
    how: Split, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr(splitter, "split", lambda *_, **__: iter([Piece("a", (), None, 1, 0, 1)]))
    written: list[Any] = []
    monkeypatch.setattr(readers, "write", lambda *message: written.append(message[0]))
    long = Reading((Block("word " * 10_000),))

    def run() -> None:
        readers._write_pieces(long, tokenizer=how.tokenizer, size=50, overlap=0, most=most)

    if most == 2:
        with pytest.raises(ReadError, match="2 chunks"):
            run()
        assert written == []
    else:
        run()
        assert written == ["sample", "piece"]
