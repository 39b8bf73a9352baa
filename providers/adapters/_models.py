"""Finds what is known of a model whose name may carry a date or a suffix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from providers.types import ModelInfo


def by_id(models: Iterable[ModelInfo]) -> dict[str, ModelInfo]:
    """Index a catalogue."""
    return {model.id: model for model in models}


def find(catalogue: Mapping[str, ModelInfo], model: str, default: ModelInfo) -> ModelInfo:
    """Return the entry whose id is the longest beginning of `model`, under the name of `model`.

    `gpt-4o-2024-08-06` is `gpt-4o`, `gpt-4o-mini` is itself. Where nothing fits, `default` under that name.
    """
    name = model.removeprefix("ft:")
    fitting = [id_ for id_ in catalogue if name == id_ or name.startswith((f"{id_}-", f"{id_}:", f"{id_}@"))]
    found = catalogue[max(fitting, key=len)] if fitting else default
    return replace(found, id=model)
