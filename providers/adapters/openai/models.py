"""What is known of OpenAI's models. Prices: US dollars per million tokens, from its list, late 2026.

Of input that is read from the cache the list says 0.5 of the price for GPT-4o and o1, 0.25 for GPT-4.1, o3 and o4, 0.1
from GPT-5 on; older models have no cache. Writing to it costs as much as other input, from GPT-5.6 on 1.25 of that.
Thoughts cost what other output does.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from providers.adapters._models import by_id
from providers.profiles import MaxTokensName, ModelProfile
from providers.types import ModelInfo

_NAME: MaxTokensName = "max_completion_tokens"
# What all of them do that came after GPT-4
_USUAL = ModelProfile(
    tools=True, images=True, files=True, json=True, output_schema=True, cache="prefix", max_tokens_name=_NAME
)
# Those of before know no pictures, files or schemas, and have no cache
_EARLY = ModelProfile(tools=True, json=True, max_tokens_name=_NAME)
_THINKER = replace(_USUAL, temperature=False, thinks=True)


def _chat(
    id_: str,
    context: int | None,
    price: tuple[str, str],
    profile: ModelProfile = _USUAL,
    *,
    read: str | None = None,
    write: str | None = None,
) -> ModelInfo:
    """A chat model; `read` and `write` are the shares of the input's price that its cache costs."""
    input_price = Decimal(price[0])
    return ModelInfo(
        id_,
        context_tokens=context,
        profile=profile,
        input_price=input_price,
        output_price=Decimal(price[1]),
        cache_read_price=input_price * Decimal(read) if read else None,
        cache_write_price=input_price * Decimal(write) if write else None,
    )


def _embedding(id_: str, dims: int, price: str) -> ModelInfo:
    return ModelInfo(
        id_,
        kind="embedding",
        context_tokens=8191,
        profile=ModelProfile(temperature=False),
        dims=dims,
        max_batch=256,
        input_price=Decimal(price),
        output_price=Decimal(0),
    )


CATALOGUE = by_id(
    [
        _chat("gpt-3.5-turbo", 16_385, ("0.50", "1.50"), _EARLY),
        _chat("gpt-4", 8_192, ("30", "60"), replace(_EARLY, json=False)),
        _chat("gpt-4-turbo", 128_000, ("10", "30"), replace(_EARLY, images=True)),
        _chat("gpt-4o", 128_000, ("2.50", "10"), read="0.5"),
        _chat("gpt-4o-mini", 128_000, ("0.15", "0.60"), read="0.5"),
        _chat("gpt-4.1", 1_047_576, ("2", "8"), read="0.25"),
        _chat("gpt-4.1-mini", 1_047_576, ("0.40", "1.60"), read="0.25"),
        _chat("gpt-4.1-nano", 1_047_576, ("0.10", "0.40"), read="0.25"),
        _chat("o1", 200_000, ("15", "60"), _THINKER, read="0.5"),
        _chat("o3", 200_000, ("2", "8"), _THINKER, read="0.25"),
        _chat("o3-mini", 200_000, ("1.10", "4.40"), replace(_THINKER, images=False, files=False), read="0.5"),
        _chat("o4-mini", 200_000, ("1.10", "4.40"), _THINKER, read="0.25"),
        _chat("gpt-5", 400_000, ("1.25", "10"), _THINKER, read="0.1"),
        _chat("gpt-5-mini", 400_000, ("0.25", "2"), _THINKER, read="0.1"),
        _chat("gpt-5-nano", 400_000, ("0.05", "0.40"), _THINKER, read="0.1"),
        _chat("gpt-5.1", 400_000, ("1.25", "10"), _THINKER, read="0.1"),
        _chat("gpt-5.2", 400_000, ("1.75", "14"), _THINKER, read="0.1"),
        _chat("gpt-5.4", None, ("2.50", "15"), _THINKER, read="0.1"),
        _chat("gpt-5.4-mini", None, ("0.75", "4.50"), _THINKER, read="0.1"),
        _chat("gpt-5.6-sol", None, ("4", "20"), _THINKER, read="0.1", write="1.25"),
        _embedding("text-embedding-3-small", 1536, "0.02"),
        _embedding("text-embedding-3-large", 3072, "0.13"),
        _embedding("text-embedding-ada-002", 1536, "0.10"),
    ]
)

# A model that came after this list: the settings that every model accepts
UNKNOWN = ModelInfo("", max_batch=256, profile=_THINKER)
