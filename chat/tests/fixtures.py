"""What the tests of conversations stand on: a fake provider as a running server, and bots that ask it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.files.base import ContentFile

from bots.models import Bot
from bots.services import create_bot
from chatcms.jobs.runner import run_due
from chatcms.tests import live
from datasets.models import Dataset
from datasets.services import create_dataset, upload_document
from providers.services import create_provider
from providers.tests.fake_provider import FakeProvider
from tenants.context import tenant_scope
from tenants.models import Tenant
from tenants.types import SYSTEM

RULES = (
    "Purchases may be returned within thirty days.\n\nThe shop pays for the way back when the fault is ours.\n\n"
    "A repair takes two weeks, and a receipt is needed for it."
)
MakeBot = Callable[..., Bot]


@pytest.fixture(scope="session")
def running_fake() -> Iterator[FakeProvider]:
    """One fake provider for the whole run."""
    with FakeProvider.start(tokens=8) as fake:
        yield fake


@pytest.fixture(scope="session")
def server(django_db_setup: None, running_fake: FakeProvider) -> Iterator[str]:
    """The product's own server, which may ask the fake provider: one for all files that need nothing special."""
    with live.web_server(extra={"EGRESS_PRIVATE_HOSTS": running_fake.host, "RATE_LIMITS": "off"}) as address:
        yield address


@pytest.fixture
def fake(running_fake: FakeProvider, settings: object) -> FakeProvider:
    """The fake provider, allowed to be reached, with nothing seen yet."""
    settings.EGRESS_PRIVATE_HOSTS = frozenset({running_fake.host})  # type: ignore[attr-defined]
    running_fake.reset()
    return running_fake


@pytest.fixture
def make_bot(acme: Tenant, fake: FakeProvider) -> MakeBot:
    """Make a bot of acme; its `model` is the script that the fake provider follows."""

    def make(model: str = "fake", *, name: str = "Guide", dataset: Dataset | None = None, **more: Any) -> Bot:
        with tenant_scope(acme):
            provider = create_provider(
                by=SYSTEM,
                name=f"Fake for {name}",
                provider_type="openai_compatible",
                api_key="sk-of-acme",
                config={
                    "base_url": fake.openai_url,
                    "models": [{"id": model, "input_price": "2", "output_price": "10"}],
                },
            )
            datasets = [dataset.pk] if dataset else []
            return create_bot(
                by=SYSTEM, name=name, model=model, tenant_ai_provider_id=provider.pk, dataset_ids=datasets, **more
            )

    return make


@pytest.fixture
def library(acme: Tenant) -> Dataset:
    """A dataset of acme with twelve small documents that all say something of returns."""
    with tenant_scope(acme):
        dataset = create_dataset(by=SYSTEM, name="Library")
        for number in range(12):
            text = f"Purchases of shop {number} may be returned within {number + 10} days, with the receipt."
            upload_document(by=SYSTEM, dataset=dataset, name=f"shop-{number}.txt", file=ContentFile(text.encode()))
    run_due()
    return dataset


@pytest.fixture
def handbook(acme: Tenant) -> Dataset:
    """A dataset of acme with one small document, ready to be searched."""
    with tenant_scope(acme):
        dataset = create_dataset(by=SYSTEM, name="Handbook")
        upload_document(by=SYSTEM, dataset=dataset, name="rules.txt", file=ContentFile(RULES.encode()))
    run_due()
    return dataset
