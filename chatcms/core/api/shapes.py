"""Writes an error in the shape of the API that was asked: OpenAI's on OpenAI's paths, else a problem document.

Every error for a program that is made outside a view is written here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

import orjson

from chatcms.core.api.openaierrors import from_problem
from chatcms.core.api.problems import CONTENT_TYPE

OPENAI_PATHS: Final = ("/v1/chat/completions", "/v1/models", "/v1/responses")
# What else OpenAI has, and what of it is here instead: its clients are told in words that they can read.
_BOTS_CHAT = "Bots answer at `POST /v1/chat/completions` and `POST /v1/responses`."
_DATASETS = "What bots answer from are datasets: `POST /v1/tenant/datasets` and the documents in them."
_TURNS = "Conversations go on by `previous_response_id` or `conversation` of `POST /v1/responses`."
_ABSENT: Final = {
    **dict.fromkeys(("/v1/completions", "/v1/edits", "/v1/engines", "/v1/moderations", "/v1/batches"), _BOTS_CHAT),
    **dict.fromkeys(("/v1/audio", "/v1/images", "/v1/videos", "/v1/realtime"), f"Bots answer in text. {_BOTS_CHAT}"),
    **dict.fromkeys(("/v1/files", "/v1/uploads", "/v1/vector_stores", "/v1/containers"), _DATASETS),
    **dict.fromkeys(("/v1/assistants", "/v1/threads", "/v1/conversations"), f"{_BOTS_CHAT} {_TURNS}"),
    "/v1/embeddings": "Documents are embedded here; search them at `POST /v1/tenant/datasets/{id}/search`.",
    "/v1/fine_tuning": "Models are trained by their providers. What a bot knows are its datasets.",
    **dict.fromkeys(("/v1/evals", "/v1/organization", "/v1/chatkit"), "`/v1/docs` describes the API that is here."),
}


@dataclass(frozen=True, slots=True)
class Written:
    """An error as it goes out."""

    status: int
    content_type: str
    body: bytes
    headers: dict[str, str]


def is_openais(path: str) -> bool:
    """Say whether OpenAI's clients ask this path."""
    return _is_below(path, OPENAI_PATHS) or _is_below(path, _ABSENT)


def instead_of(path: str) -> str | None:
    """Return what to tell whoever asks for a part of OpenAI's API that is not here; None for any other path."""
    about = next((about for one, about in _ABSENT.items() if _is_below(path, (one,))), None)
    return f"This part of OpenAI's API is not here. {about}" if about else None


def _is_below(path: str, tops: Iterable[str]) -> bool:
    return f"{path}/".startswith(tuple(f"{one}/" for one in tops))


def written(path: str, document: dict[str, Any]) -> Written:
    """Return what to answer to a program that asked for `path`."""
    if is_openais(path):
        status, body, headers = from_problem(document)
        return Written(status, "application/json", orjson.dumps(body), headers)
    wait = document.get("retry_after")
    headers = {} if wait is None else {"Retry-After": str(int(wait))}
    return Written(document["status"], CONTENT_TYPE, orjson.dumps(document), headers)
