"""What the tests of the adapters stand on: the fake provider as a running server, and the local model on disk."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from providers.adapters._quirks import QUIRKS
from providers.adapters.local.install_model import install
from providers.adapters.local.model import MULTILINGUAL
from providers.tests.adapter_kit import Subject
from providers.tests.fake_provider import FakeProvider

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def running_fake() -> Iterator[FakeProvider]:
    """One fake provider for the whole run."""
    with FakeProvider.start() as fake:
        yield fake


@pytest.fixture
def fake(running_fake: FakeProvider) -> FakeProvider:
    """The fake provider, with nothing seen yet."""
    running_fake.reset()
    QUIRKS.forget()
    return running_fake


@pytest.fixture(scope="session")
def model_dir() -> Path:
    """The folder of the local embedding model, installed if it is not there yet."""
    folder = Path(os.environ.get("LOCAL_MODEL_DIR") or ROOT / "var" / "models" / "all-MiniLM-L6-v2")
    install(folder)
    return folder


@pytest.fixture(scope="session")
def multilingual_dir(model_dir: Path) -> Path:
    """The folder of the multilingual embedding model, beside the other one."""
    folder = Path(os.environ.get("MULTILINGUAL_MODEL_DIR") or model_dir.with_name(MULTILINGUAL.name))
    install(folder, model=MULTILINGUAL)
    return folder


@pytest.fixture
async def subject(request: pytest.FixtureRequest, fake: FakeProvider) -> AsyncIterator[Subject]:
    """An adapter of the kind that `adapter_kit.of` names, against the fake provider; its connections end with it."""
    subject = Subject(request.param, fake, Path())
    yield subject
    await subject.adapter().aclose()
