"""A dataset is embedded by the built-in model, or by that of a provider that the tenant set up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from datasets import embedding, retrieval
from datasets.enums import DocumentState
from datasets.models import ChunkVector, Dataset
from datasets.tests.knowledge import ask, ingest, make_dataset
from datasets.types import EmbeddingModel
from providers import registry
from providers.exceptions import ProviderBadResponse
from providers.models import TenantAIProvider
from providers.services.setup import create_provider
from providers.tests.fake_provider import FakeProvider
from providers.types import ProviderConfig
from tenants.models import Tenant
from tenants.types import SYSTEM


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def fake() -> Iterator[FakeProvider]:
    with FakeProvider.start() as running:
        yield running


@pytest.fixture
def provider(in_acme: Tenant, fake: FakeProvider, settings: Any) -> TenantAIProvider:
    settings.EGRESS_PRIVATE_HOSTS = frozenset({fake.host})
    config = {"base_url": fake.openai_url, "models": [{"id": "embed-384", "kind": "embedding", "dims": 384}]}
    return create_provider(by=SYSTEM, name="Ours", provider_type="openai_compatible", api_key="sk-x", config=config)


@pytest.fixture
def dataset(provider: TenantAIProvider) -> Dataset:
    dataset = make_dataset()
    dataset.embedding_provider_id, dataset.embedding_model = provider.pk, "embed-384"
    dataset.save()
    return dataset


def test_a_providers_model_embeds_documents_and_questions(
    dataset: Dataset, provider: TenantAIProvider, fake: FakeProvider
) -> None:
    document = ingest(dataset, "a.txt", "Batteries are covered for four years.")

    assert document.state == DocumentState.READY
    assert set(ChunkVector.objects.values_list("model_id", flat=True)) == {f"{provider.pk}/embed-384"}
    found = ask("Batteries are covered for four years.", dataset)
    assert found.degraded is None
    assert found.passages[0].dense_rank == 1


def test_datasets_of_different_models_are_searched_together(dataset: Dataset) -> None:
    local = make_dataset("Local")
    ingest(dataset, "remote.txt", "Batteries are covered for four years.")
    ingest(local, "local.txt", "Blades are covered for two years.")

    plan = retrieval.plan_search(dataset_ids=[dataset.pk, local.pk])
    found = ask("What is covered for how many years?", dataset, local)

    assert len(plan.models) == 2
    assert {passage.document_name for passage in found.passages} == {"remote.txt", "local.txt"}


def test_a_provider_that_is_away_leaves_the_words(dataset: Dataset, fake: FakeProvider) -> None:
    ingest(dataset, "a.txt", "Batteries are covered for four years.")
    fake.stop()

    found = ask("Which batteries are covered?", dataset)

    assert found.passages[0].document_name == "a.txt"
    assert found.degraded is not None


@pytest.mark.parametrize("answer", [[], [[]], [[float("nan")] * 3], [[1.0], [1.0]]])
def test_a_model_that_returns_no_proper_vectors_is_refused(
    monkeypatch: pytest.MonkeyPatch, answer: list[list[float]]
) -> None:
    class Wrong:
        def __init__(self, _config: ProviderConfig) -> None: ...

        def embed_sync(self, **_: Any) -> list[list[float]]:
            return answer

    monkeypatch.setattr(registry, "adapter_class", lambda _kind: Wrong)

    with pytest.raises(ProviderBadResponse):
        embedding.embed_passages(EmbeddingModel("wrong", "wrong", ProviderConfig(kind="local")), ["text"])


def test_the_last_questions_are_remembered_and_the_oldest_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedding, "_REMEMBERED_QUESTIONS", 2)
    model = EmbeddingModel("a model of its own", "model", ProviderConfig(kind="local"))

    for number in range(3):
        embedding.remember(model, f"question {number}", [[float(number)]])

    assert embedding.remembered(model, "question 0") is None
    assert list(embedding.remembered(model, "question 2") or ()) == [2.0]
