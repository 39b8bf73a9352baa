"""Writes an error in the shape of the API that was asked: OpenAI's on OpenAI's paths, else a problem document.

Every error for a program that is made outside a view is written here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import orjson

from chatcms.core.openaierrors import from_problem
from chatcms.core.problems import CONTENT_TYPE

OPENAI_PATHS: Final = ("/v1/chat/completions", "/v1/models")


@dataclass(frozen=True, slots=True)
class Written:
    """An error as it goes out."""

    status: int
    content_type: str
    body: bytes
    headers: dict[str, str]


def is_openais(path: str) -> bool:
    """Say whether OpenAI's clients ask this path."""
    return f"{path}/".startswith(tuple(f"{one}/" for one in OPENAI_PATHS))


def written(path: str, document: dict[str, Any]) -> Written:
    """Return what to answer to a program that asked for `path`."""
    if is_openais(path):
        status, body, headers = from_problem(document)
        return Written(status, "application/json", orjson.dumps(body), headers)
    wait = document.get("retry_after")
    headers = {} if wait is None else {"Retry-After": str(int(wait))}
    return Written(document["status"], CONTENT_TYPE, orjson.dumps(document), headers)
