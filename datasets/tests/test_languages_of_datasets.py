"""Twelve short documents in each of twelve languages answer what they are asked about, and nothing else."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from datasets.models import Dataset
from datasets.tests.knowledge import ask, ingest, make_dataset
from tenants.models import Tenant

# Documents, questions on each of them in their order ("own") and on something else ("other").
_TEXTS = Path(__file__).with_name("languages.tsv")
_LANGUAGES = (
    "english", "german", "french", "spanish", "italian", "portuguese", "turkish", "russian", "arabic", "polish",
    "chinese", "japanese",
)  # fmt: skip


@lru_cache(maxsize=1)
def texts() -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    with _TEXTS.open(encoding="utf-8") as file:
        for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
            found.setdefault((row["language"], row["kind"]), []).append(row["text"])
    return found


@pytest.fixture
def media(settings: Any, tmp_path: Path) -> Iterator[None]:
    settings.MEDIA_ROOT = tmp_path / "media"
    yield


def filled(language: str) -> Dataset:
    dataset = make_dataset(language)
    for number, text in enumerate(texts()[language, "document"]):
        ingest(dataset, f"{number}.txt", text)
    return dataset


@pytest.mark.parametrize("language", _LANGUAGES)
def test_a_small_dataset_answers_its_own_questions_only(in_acme: Tenant, media: None, language: str) -> None:
    dataset = filled(language)
    own = [ask(question, dataset) for question in texts()[language, "own"]]
    others = [ask(question, dataset) for question in texts()[language, "other"]]
    wrong = [
        question
        for number, (question, found) in enumerate(zip(texts()[language, "own"], own, strict=True))
        if found.passages[0].document_name != f"{number}.txt"
    ]
    refused = [q for q, found in zip(texts()[language, "own"], own, strict=True) if not found.has_evidence]
    answered = [q for q, found in zip(texts()[language, "other"], others, strict=True) if found.has_evidence]

    assert (wrong, refused, answered) == ([], [], [])
