"""What is booked of an answer that several models were asked for, or that did not come to its end."""

from __future__ import annotations

from decimal import Decimal

import pytest

from chat.money.pricing import UsageKnown
from chat.turns.asks import ModelRoute
from chat.turns.events import Ended, EngineEvent, Rerouted, Retrieved, Wordless
from chat.turns.services.meter import Meter
from providers.connect import Access
from providers.messages import Tally, Usage
from providers.types import ModelInfo, ProviderConfig

DEAR = ModelInfo(
    "dear",
    input_price=Decimal(10),
    output_price=Decimal(100),
    cache_read_price=Decimal(1),
    cache_write_price=Decimal(12),
)
CHEAP = ModelInfo("cheap", input_price=Decimal(1), output_price=Decimal(2))
FREE = ModelInfo("of unknown price")
ASKED = Retrieved((), None, prompt_tokens=70)
COUNTED = Usage(1000, 1, cache_read_tokens=600, cache_write_tokens=200)
FOUR = "x" * 16  # four tokens by our guess
MILLION = 1_000_000


def reroute(model: ModelInfo) -> Rerouted:
    return Rerouted(ModelRoute("Other", model, Access(ProviderConfig("openai"), {})))


@pytest.mark.parametrize(
    ("events", "text", "has_failed", "expected"),
    [
        pytest.param([ASKED, Ended("stop", COUNTED)], FOUR, False, (1000, 1, 600, False, 5100), id="to its end"),
        pytest.param([ASKED, Tally(COUNTED)], FOUR, False, (1000, 4, 600, True, 5400), id="stopped, prompt counted"),
        pytest.param([ASKED, Tally(COUNTED)], FOUR, True, (1000, 4, 600, True, 5400), id="broken off, prompt counted"),
        pytest.param([ASKED, Tally(COUNTED)], "", True, (1000, 1, 600, True, 5100), id="broken off without a word"),
        pytest.param([ASKED], FOUR, False, (70, 4, 0, True, 1100), id="stopped, nothing counted"),
        pytest.param([ASKED], "", False, (70, 0, 0, True, 700), id="stopped before the first word"),
        pytest.param([ASKED], "", True, (0, 0, 0, False, 0), id="failed before the first word"),
        pytest.param([], "", True, (0, 0, 0, False, 0), id="failed before any model"),
        pytest.param(
            [ASKED, Wordless(COUNTED), reroute(CHEAP), Ended("stop", Usage(50, 5))],
            FOUR, False, (1050, 6, 600, False, 5100 + 60), id="a wordless one before",
        ),
        pytest.param(
            [ASKED, Tally(COUNTED), Wordless(COUNTED), reroute(CHEAP), Ended("stop", Usage(50, 5))],
            FOUR, False, (1050, 6, 600, False, 5100 + 60), id="a wordless one that counted twice",
        ),
        pytest.param(
            [ASKED, Wordless(None), reroute(CHEAP), Ended("stop", Usage(50, 5))],
            FOUR, False, (120, 5, 0, True, 700 + 60), id="a wordless one that counted nothing",
        ),
        pytest.param(
            [ASKED, Tally(COUNTED), reroute(CHEAP), Ended("stop", Usage(50, 5))],
            FOUR, False, (1050, 6, 600, True, 5100 + 60), id="one before that broke off in its thoughts",
        ),
        pytest.param(
            [ASKED, reroute(CHEAP), Ended("stop", Usage(50, 5))],
            FOUR, False, (50, 5, 0, False, 60), id="one before that failed at once",
        ),
        pytest.param(
            [ASKED, Tally(COUNTED), reroute(CHEAP)], "", True, (1000, 1, 600, True, 5100), id="all have failed",
        ),
        pytest.param(
            [ASKED, Wordless(COUNTED), reroute(FREE), Ended("stop", Usage(50, 5))],
            FOUR, False, (1050, 6, 600, False, None), id="one of unknown price",
        ),
    ],
)  # fmt: skip
def test_what_is_booked(
    events: list[EngineEvent], text: str, has_failed: bool, expected: tuple[int, int, int, bool, int | None]
) -> None:
    meter = Meter(DEAR)
    for event in events:
        meter.note(event)

    used: UsageKnown = meter.total(text, has_failed=has_failed)

    cost = None if used.cost is None else used.cost * MILLION
    told = (used.prompt_tokens, used.completion_tokens, used.cache_read_tokens, used.estimated, cost)
    assert told == expected
