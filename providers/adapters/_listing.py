"""Reads a server's list of models, which has nearly as many forms as there are servers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from providers.adapters._lenient import count, mapping, text, whole_characters
from providers.adapters._sizes import is_small_by_list
from providers.exceptions import ProviderBadResponse
from providers.types import ModelInfo

_LISTS = ("data", "models", "result", "results", "items")
_NAMES = ("id", "name", "model", "slug")
# What servers call the length of a prompt; the length that a model was trained for says least of what is served
_CONTEXTS = (
    "context_length",
    "n_ctx",
    "max_model_len",
    "max_input_tokens",
    "context_window",
    "loaded_context_length",
    "max_context_length",
)
_TRAINED = "n_ctx_train"
_LONGEST_NAME = 200
_LARGEST_CONTEXT = 100_000_000


def models_in(found: object, describe: Callable[[str], ModelInfo]) -> list[ModelInfo]:
    """Return the models of a list with what `describe` and the list know of each; rows without a name are passed over.

    Raises `ProviderBadResponse` for what is no list.
    """
    models: dict[str, ModelInfo] = {}
    for row in _rows(found):
        name = _name_of(row)
        if name and name not in models:
            models[name] = _described(describe(name), mapping(row))
    return list(models.values())


def _rows(found: object) -> list[Any]:
    if isinstance(found, list):
        return found
    lists = [value for name in _LISTS if isinstance(value := mapping(found).get(name), list)]
    if not lists:
        raise ProviderBadResponse()
    return next((rows for rows in lists if any(map(_name_of, rows))), [])


def _name_of(row: object) -> str:
    names: Iterator[object] = (mapping(row).get(name) for name in _NAMES)
    found = (
        row if isinstance(row, str) else next((name for name in names if isinstance(name, str) and name.strip()), "")
    )
    name = whole_characters(text(found)).strip()
    return name if len(name) <= _LONGEST_NAME and name.isprintable() else ""


def _described(info: ModelInfo, row: Mapping[str, Any]) -> ModelInfo:
    if text(row.get("type")).lower() in {"embedding", "embeddings"}:
        info = replace(info, kind="embedding")
    if is_small_by_list(row):
        info = replace(info, profile=replace(info.profile, small=True))
    context = _context_of(row)
    return info if context is None else replace(info, context_tokens=context)


def _context_of(row: Mapping[str, Any]) -> int | None:
    """Return how many tokens a model reads, as its server says."""
    places = (row, mapping(row.get("meta")))
    told = [place.get(name) for name in _CONTEXTS for place in places] + [place.get(_TRAINED) for place in places]
    return next((tokens for each in told if 0 < (tokens := count(each)) <= _LARGEST_CONTEXT), None)
