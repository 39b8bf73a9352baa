"""What was learned of a provider's models from its vendor: which it lists, how much they read, what it refused.

    {"models": [{"id": "llama-3.1-8b", "context_tokens": 32768}, {"id": "e5-small", "kind": "embedding"},
                {"id": "model.gguf", "small": true}],
     "is_whole": true, "limits": {"llama-3.1-8b": 4096}}

`models` is the vendor's list of the last time that it was asked, each with what it tells and we did not know.
`limits` are contexts that the vendor showed by refusing a prompt as too long; they hold until the list says something
new of the model. What the provider's config says goes before the list; a limit holds against both.
Values are immutable: each function returns a new one. All are read leniently, as plain SQL may have written them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from providers.types import ModelInfo, ModelKind

Learned = Mapping[str, Any]

# Of a longer list only the beginning is kept, and nothing is said of what it does not name.
MOST_MODELS: Final = 500
# No model reads less; what a vendor's sentence was misread to say is no limit.
LEAST_CONTEXT: Final = 256
_MOST_CONTEXT: Final = 100_000_000


@dataclass(frozen=True, slots=True)
class Listed:
    """A model as its vendor's list tells of it, and as the adapter knows it without."""

    told: ModelInfo
    known: ModelInfo


VendorList = Sequence[Listed]


def from_listing(before: Learned, found: VendorList) -> dict[str, Any]:
    """Return what is known now that the vendor has listed its models."""
    listed = [(one.told.id, _news(one.told, one.known)) for one in found]
    models = dict(listed[:MOST_MODELS])
    old = _models(before)
    limits = {
        model: limit
        for model, limit in _limits(before).items()
        if model not in models or models[model] == old.get(model)
    }
    entries = [{"id": model, **news} for model, news in models.items()]
    return {"models": entries, "is_whole": len(listed) <= MOST_MODELS, "limits": limits}


def with_limit(before: Learned, model: str, tokens: int) -> dict[str, Any]:
    """Return what is known now that the vendor has refused a prompt: the model reads no more than so many tokens."""
    if tokens < LEAST_CONTEXT:
        return dict(before)
    known = _limits(before)
    return {**before, "limits": {**known, model: min(tokens, known.get(model, tokens))}}


def without_limits(before: Learned) -> dict[str, Any]:
    """Return what is known without what was refused: the provider's settings say something new."""
    return {name: value for name, value in before.items() if name != "limits"}


def as_listed(info: ModelInfo, learned: Learned) -> ModelInfo:
    """Return what is known of a model with what the vendor's list tells of it."""
    told = _models(learned).get(info.id, {})
    is_small = info.profile.small or told.get("small") is True
    return replace(
        info,
        kind=_kind(told) or info.kind,
        context_tokens=_context(told) or info.context_tokens,
        profile=replace(info.profile, small=is_small),
    )


def within_limit(info: ModelInfo, learned: Learned) -> ModelInfo:
    """Return what is known of a model, with no more context than its vendor has shown it to have."""
    limit = _limits(learned).get(info.id)
    return info if limit is None else replace(info, context_tokens=min(limit, info.context_tokens or limit))


def listed_by_vendor(learned: Learned) -> list[str]:
    """Return the models of the vendor's list, as far as it was kept; none where it was never asked."""
    return list(_models(learned))


def is_whole(learned: Learned) -> bool:
    """Whether the vendor's list is known, and all of it."""
    return bool(_models(learned)) and learned.get("is_whole") is True


def may_have(learned: Learned, model: str) -> bool:
    """Whether the vendor may have a model: it lists it, or what it lists is not known."""
    names = _models(learned)
    # Ollama takes a name without its tag for the latest one.
    return not is_whole(learned) or model in names or f"{model}:latest" in names


def _news(told: ModelInfo, known: ModelInfo) -> dict[str, Any]:
    news: dict[str, Any] = {}
    if told.context_tokens != known.context_tokens and _is_context(told.context_tokens):
        news["context_tokens"] = told.context_tokens
    if told.kind != known.kind:
        news["kind"] = told.kind
    if told.profile.small and not known.profile.small:
        news["small"] = True
    return news


def _models(learned: Learned) -> dict[str, dict[str, Any]]:
    models = learned.get("models")
    entries = models if isinstance(models, list) else []
    return {
        str(entry["id"]): {name: fact for name, fact in entry.items() if name != "id"}
        for entry in entries
        if isinstance(entry, dict) and entry.get("id")
    }


def _limits(learned: Learned) -> dict[str, int]:
    limits = learned.get("limits")
    if not isinstance(limits, Mapping):
        return {}
    return {name: limit for name, limit in limits.items() if _is_context(limit)}


def _context(told: Mapping[str, Any]) -> int | None:
    context = told.get("context_tokens")
    return context if _is_context(context) else None


def _kind(told: Mapping[str, Any]) -> ModelKind | None:
    match told.get("kind"):
        case "chat":
            return "chat"
        case "embedding":
            return "embedding"
        case _:
            return None


def _is_context(value: Any) -> bool:
    return type(value) is int and LEAST_CONTEXT <= value <= _MOST_CONTEXT
