"""What is known of Anthropic's models. Prices: US dollars per million tokens, from its list, late 2026."""

from __future__ import annotations

from decimal import Decimal

from providers.adapters._models import by_id
from providers.types import ModelInfo


def _model(id_: str, context: int, input_price: str, output_price: str, *, temperature: bool = False) -> ModelInfo:
    """A model; from Opus 4.7 on they take no temperature, and from 5 on they think unless told not to."""
    return ModelInfo(
        id_,
        context_tokens=context,
        supports_temperature=temperature,
        supports_vision=True,
        reasons=not temperature,
        input_price=Decimal(input_price),
        output_price=Decimal(output_price),
    )


CATALOGUE = by_id(
    [
        _model("claude-3-haiku", 200_000, "0.25", "1.25", temperature=True),
        _model("claude-3-sonnet", 200_000, "3", "15", temperature=True),
        _model("claude-3-opus", 200_000, "15", "75", temperature=True),
        _model("claude-3-5-haiku", 200_000, "0.80", "4", temperature=True),
        _model("claude-3-5-sonnet", 200_000, "3", "15", temperature=True),
        _model("claude-3-7-sonnet", 200_000, "3", "15", temperature=True),
        _model("claude-sonnet-4", 200_000, "3", "15", temperature=True),
        _model("claude-opus-4", 200_000, "15", "75", temperature=True),
        _model("claude-opus-4-1", 200_000, "15", "75", temperature=True),
        _model("claude-haiku-4-5", 200_000, "1", "5", temperature=True),
        _model("claude-sonnet-4-5", 200_000, "3", "15", temperature=True),
        _model("claude-opus-4-5", 200_000, "5", "25", temperature=True),
        _model("claude-sonnet-4-6", 1_000_000, "3", "15", temperature=True),
        _model("claude-opus-4-6", 1_000_000, "5", "25", temperature=True),
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
UNKNOWN = ModelInfo("", supports_temperature=False, supports_vision=True, reasons=True)
