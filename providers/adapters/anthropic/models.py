"""What is known of Anthropic's models. Prices: US dollars per million tokens, from its list, late 2026.

By the same list what is written to the cache (for five minutes) costs 1.25 of other input, what is read from it 0.1;
of Claude 3 Haiku it says rounder figures.
Thoughts cost what other output does.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from providers.adapters._models import by_id
from providers.profiles import ModelProfile
from providers.types import ModelInfo

_WRITE, _READ = Decimal("1.25"), Decimal("0.1")
# From Opus 4.7 on they take no temperature, and from 5 on they think unless told not to
_NEW = ModelProfile(
    temperature=False, tools=True, images=True, files=True, output_schema=True, thinks=True, cache="explicit"
)
_WITH_TEMPERATURE = replace(_NEW, temperature=True, thinks=False)
# Those of before 4.5 keep to no schema
_EARLY = replace(_WITH_TEMPERATURE, output_schema=False)


def _model(
    id_: str,
    context: int,
    input_price: str,
    output_price: str,
    profile: ModelProfile = _NEW,
    *,
    cache: tuple[str, str] | None = None,
) -> ModelInfo:
    """A chat model; `cache` are its prices of reading and writing where they are no such shares of the input's."""
    price = Decimal(input_price)
    read, write = map(Decimal, cache) if cache else (price * _READ, price * _WRITE)
    return ModelInfo(
        id_,
        context_tokens=context,
        profile=profile,
        input_price=price,
        output_price=Decimal(output_price),
        cache_read_price=read,
        cache_write_price=write,
    )


CATALOGUE = by_id(
    [
        _model("claude-3-haiku", 200_000, "0.25", "1.25", _EARLY, cache=("0.03", "0.30")),
        _model("claude-3-sonnet", 200_000, "3", "15", _EARLY),
        _model("claude-3-opus", 200_000, "15", "75", _EARLY),
        _model("claude-3-5-haiku", 200_000, "0.80", "4", _EARLY),
        _model("claude-3-5-sonnet", 200_000, "3", "15", _EARLY),
        _model("claude-3-7-sonnet", 200_000, "3", "15", _EARLY),
        _model("claude-sonnet-4", 200_000, "3", "15", _EARLY),
        _model("claude-opus-4", 200_000, "15", "75", _EARLY),
        _model("claude-opus-4-1", 200_000, "15", "75", _WITH_TEMPERATURE),
        _model("claude-haiku-4-5", 200_000, "1", "5", _WITH_TEMPERATURE),
        _model("claude-sonnet-4-5", 200_000, "3", "15", _WITH_TEMPERATURE),
        _model("claude-opus-4-5", 200_000, "5", "25", _WITH_TEMPERATURE),
        _model("claude-sonnet-4-6", 1_000_000, "3", "15", _WITH_TEMPERATURE),
        _model("claude-opus-4-6", 1_000_000, "5", "25", _WITH_TEMPERATURE),
        _model("claude-opus-4-7", 1_000_000, "5", "25"),
        _model("claude-opus-4-8", 1_000_000, "5", "25"),
        _model("claude-opus-5", 1_000_000, "5", "25"),
        _model("claude-sonnet-5", 1_000_000, "2", "10"),
        _model("claude-fable-5-1", 1_000_000, "10", "50"),
        _model("claude-opus-5-5", 1_000_000, "4", "20"),
        _model("claude-sonnet-5-5", 1_000_000, "2", "10"),
        _model("claude-haiku-5-5", 1_000_000, "0.10", "0.50"),
    ]
)

# A model that came after this list: the settings that every model accepts
UNKNOWN = ModelInfo("", profile=_NEW)
