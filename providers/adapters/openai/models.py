"""What is known of OpenAI's models. Prices: US dollars per million tokens, from its list, late 2026."""

from __future__ import annotations

from decimal import Decimal

from providers.adapters._models import by_id
from providers.types import ModelInfo


def _chat(
    id_: str,
    context: int | None,
    price: tuple[str, str],
    *,
    vision: bool = True,
    reasons: bool = False,
) -> ModelInfo:
    """A chat model; those that reason take no temperature."""
    return ModelInfo(
        id_,
        context_tokens=context,
        supports_temperature=not reasons,
        supports_vision=vision,
        reasons=reasons,
        input_price=Decimal(price[0]),
        output_price=Decimal(price[1]),
    )


def _embedding(id_: str, dims: int, price: str) -> ModelInfo:
    return ModelInfo(
        id_,
        kind="embedding",
        context_tokens=8191,
        supports_temperature=False,
        dims=dims,
        max_batch=256,
        input_price=Decimal(price),
        output_price=Decimal(0),
    )


CATALOGUE = by_id(
    [
        _chat("gpt-3.5-turbo", 16_385, ("0.50", "1.50"), vision=False),
        _chat("gpt-4", 8_192, ("30", "60"), vision=False),
        _chat("gpt-4-turbo", 128_000, ("10", "30")),
        _chat("gpt-4o", 128_000, ("2.50", "10")),
        _chat("gpt-4o-mini", 128_000, ("0.15", "0.60")),
        _chat("gpt-4.1", 1_047_576, ("2", "8")),
        _chat("gpt-4.1-mini", 1_047_576, ("0.40", "1.60")),
        _chat("gpt-4.1-nano", 1_047_576, ("0.10", "0.40")),
        _chat("o1", 200_000, ("15", "60"), reasons=True),
        _chat("o3", 200_000, ("2", "8"), reasons=True),
        _chat("o3-mini", 200_000, ("1.10", "4.40"), vision=False, reasons=True),
        _chat("o4-mini", 200_000, ("1.10", "4.40"), reasons=True),
        _chat("gpt-5", 400_000, ("1.25", "10"), reasons=True),
        _chat("gpt-5-mini", 400_000, ("0.25", "2"), reasons=True),
        _chat("gpt-5-nano", 400_000, ("0.05", "0.40"), reasons=True),
        _chat("gpt-5.1", 400_000, ("1.25", "10"), reasons=True),
        _chat("gpt-5.2", 400_000, ("1.75", "14"), reasons=True),
        _chat("gpt-5.4", None, ("2.50", "15"), reasons=True),
        _chat("gpt-5.4-mini", None, ("0.75", "4.50"), reasons=True),
        _chat("gpt-5.6-sol", None, ("4", "20"), reasons=True),
        _embedding("text-embedding-3-small", 1536, "0.02"),
        _embedding("text-embedding-3-large", 3072, "0.13"),
        _embedding("text-embedding-ada-002", 1536, "0.10"),
    ]
)

# A model that came after this list: the settings that every model accepts
UNKNOWN = ModelInfo("", supports_temperature=False, reasons=True, max_batch=256)
