"""A question that one sentence of a mixed passage answers is answered; one on something else is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chatcms.config.environment import BASE_DIR
from datasets import closeness
from datasets.models import Dataset
from datasets.tests.knowledge import ask, ingest, make_dataset
from datasets.types import Evidence, RetrievalResult
from tenants.models import Tenant

GUIDE = BASE_DIR / "docs/samples/fjord-one-service-guide.pdf"


@pytest.fixture
def dataset(in_acme: Tenant) -> Dataset:
    """A guide whose first page is about charging, range, tyres, pedals and more."""
    made = make_dataset()
    ingest(made, GUIDE.name, GUIDE.read_bytes())
    return made


@pytest.mark.parametrize(
    "question",
    [
        "What tyre pressure does the front need?",
        "What tyre pressure should I use at the front?",
        "How far does it go in the Eco mode?",
        "what colour is the charging light",
    ],
)
def test_what_one_sentence_answers_has_evidence(dataset: Dataset, question: str) -> None:
    result = ask(question, dataset)

    assert result.has_evidence
    assert result.evidence.needed == closeness.SENTENCE_EVIDENCE


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of France?",
        "How do I cook rice?",
        "What is the meaning of life?",
        "Does the car insurance cover hail?",
    ],
)
def test_what_no_sentence_answers_has_none(dataset: Dataset, question: str) -> None:
    assert not ask(question, dataset).has_evidence


def test_what_is_good_enough_or_far_off_is_not_looked_at_again() -> None:
    near = RetrievalResult(evidence=Evidence(0.4, 0.48))

    assert closeness.worth_a_look(near)
    assert not closeness.worth_a_look(replace(near, has_evidence=True))
    assert not closeness.worth_a_look(replace(near, evidence=Evidence(0.1, 0.48)))


def test_a_line_that_the_layout_tore_off_belongs_to_its_sentence() -> None:
    text = "Set the tyre pressure to 3.5 bar at\nthe front. Check it every week.\nA new line begins."

    assert closeness._split(text) == [
        "Set the tyre pressure to 3.5 bar at the front.",
        "Check it every week.",
        "A new line begins.",
    ]
