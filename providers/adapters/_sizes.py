"""Tells how large a model is, from its name or from its server's list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from providers.adapters._lenient import count, mapping, text

# A model of fewer parameters repeats rules and examples instead of following them (docs/adr/0039).
SMALL = 4_000_000_000
_UNITS = {"k": 10**3, "m": 10**6, "b": 10**9}
# `llama-3.2-1b`, `Qwen2.5-Coder-0.5B-Instruct-Q4_K_M`, `gemma3:270m`
_IN_NAME = re.compile(r"(?<![\d.a-z])(?:0?\.\d{1,2}|[1-3](?:\.\d{1,2})?)b(?![a-z\d])|(?<![\d.a-z])\d{2,3}m(?![a-z\d])")
_SIZE = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)\s{0,2}([kmb])")


def is_small_by_name(model: str) -> bool:
    """Say whether the name says that a model is small; most names that say nothing are of large ones."""
    return bool(_IN_NAME.search(model.lower()))


def is_small_by_list(row: Mapping[str, Any]) -> bool:
    """Say whether the row of a server's list says that a model is small: llama.cpp's `n_params`, Ollama's size."""
    places = (row, mapping(row.get("meta")), mapping(row.get("details")))
    told = [count(place.get("n_params")) for place in places]
    told += [_parameters(text(place.get("parameter_size"))) for place in places]
    return any(0 < parameters < SMALL for parameters in told)


def _parameters(size: str) -> int:
    found = _SIZE.fullmatch(size.strip().lower())
    return round(float(found[1]) * _UNITS[found[2]]) if found else 0
