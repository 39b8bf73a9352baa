"""Questions that go on from others find their passages, and the built-in model answers from what a heading names."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tenants.context import tenant_scope
from tenants.models import Tenant

BENCHMARK = Path(__file__).resolve().parents[3] / "benchmarks" / "dialogues.py"


def _benchmark() -> ModuleType:
    spec = importlib.util.spec_from_file_location("dialogues", BENCHMARK)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["dialogues"] = module
    spec.loader.exec_module(module)
    return module


dialogues = _benchmark()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("language", ["en", "de"])
def test_a_second_question_finds_what_it_would_find_written_out(acme: Tenant, language: str) -> None:
    chosen = [one for one in dialogues.dialogues() if one.language == language][:12]

    with tenant_scope(acme):
        bot = dialogues.bot_of(language)
        found = [dialogues.measured(bot, one) for one in chosen]

    within, alone = [one.in_dialogue for one in found], [one.written_out for one in found]
    assert dialogues.recall(within) >= 0.95 * dialogues.recall(alone) > 0


@pytest.mark.django_db(transaction=True)
def test_the_built_in_model_tells_the_price_of_the_product_that_a_heading_names(acme: Tenant) -> None:
    with tenant_scope(acme):
        told = dialogues.prices_told(dialogues.bot_of("en"))

    assert len(told) == 20
    assert sum(told.values()) >= 19, [name for name, is_right in told.items() if not is_right]
