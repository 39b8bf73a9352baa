"""What people send is read and split in a process that is ended in time, although it holds Python's lock."""

from __future__ import annotations

import threading
import uuid
from pathlib import Path
from typing import Any

import pytest

from chatcms.core.exceptions import InvalidInputError
from datasets.exceptions import PreviewRunningError, PreviewsBusyError
from datasets.ingestion import reading, splitter, tokens
from datasets.ingestion.base import ReadError
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
