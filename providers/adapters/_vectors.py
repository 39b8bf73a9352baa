"""Reads the vectors of an answer, in each of the forms in which servers send them."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np

from providers.adapters._lenient import mapping
from providers.exceptions import ProviderBadResponse

_LISTS = ("data", "embeddings", "results")
# where a vector has a form of its own
_FORMS = ("embedding", "float", "values", "vector", "dense")


def vectors_in(found: object) -> list[list[float]]:
    """Return the vectors in the order of their texts.

    Raises `ProviderBadResponse`, or `ValueError` or `TypeError` for what is no vector.
    """
    rows = _rows(found)
    return [_vector(row) for row in _in_order(rows)]


def _rows(found: object) -> list[Any]:
    if isinstance(found, list):
        return found
    document = mapping(found)
    for name in _LISTS:
        value = document.get(name)
        if isinstance(value, Mapping):  # by the form of their numbers
            value = next((value[form] for form in _FORMS if isinstance(value.get(form), list)), None)
        if isinstance(value, list):
            return value
    if "embedding" in document:
        return [document]
    raise ProviderBadResponse()


def _in_order(rows: list[Any]) -> list[Any]:
    """Put rows in the order of their numbers; those without any, or with one for all, are in order.

    Some servers leave the number out where it is 0.
    """
    told = [mapping(row).get("index") for row in rows]
    numbers = [int(index or 0) for index in told]
    if len(set(numbers)) <= 1:
        return rows
    first = min(numbers)
    if sorted(numbers) != list(range(first, first + len(rows))):
        raise ProviderBadResponse("The provider numbered its vectors so that they fit no text.")
    return [row for _, row in sorted(zip(numbers, rows, strict=True), key=lambda pair: pair[0])]


def _vector(value: Any) -> list[float]:
    """Read a vector as numbers, as base64 of these, or inside an object or a list of one."""
    while isinstance(value, Mapping):
        value = next((value[form] for form in _FORMS if value.get(form) is not None), None)
    if isinstance(value, str):
        vector = np.frombuffer(base64.b64decode(value, validate=True), dtype="<f4").astype(float)
    else:
        vector = np.asarray(value, dtype=float)
        vector = vector[0] if vector.ndim == 2 and len(vector) == 1 else vector
    if vector.ndim != 1 or not vector.size or not np.isfinite(vector).all():
        raise ProviderBadResponse("The provider returned something else than one vector for each text.")
    return vector.tolist()  # type: ignore[no-any-return]
