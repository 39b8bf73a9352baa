"""Reads what a vendor says is wrong, in whichever document it says so; for classifying only, never to be shown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from providers.adapters._lenient import loads

# Where the documents of vendors and gateways hold codes, words, and further documents
_CODES = ("type", "code", "status", "reason", "error_code", "error_type", "__type")
_WORDS = ("message", "msg", "detail", "details", "error", "errors", "error_description", "title", "raw", "reasons")
_INSIDE = (*_WORDS, "innererror", "inner_error", "metadata", "response", "body")
_MAX_DEPTH = 6
_MAX_WORDS = 4000

# The settings that we send: what a vendor names besides is no setting of ours
_PLAIN = frozenset(("model", "messages", "stream", "stop", "tools", "input", "system"))  # words of any sentence, too
_OWN = frozenset(
    {
        "temperature",
        "max_tokens",
        "max_completion_tokens",
        "tool_choice",
        "parallel_tool_calls",
        "response_format",
        "stream_options",
        "encoding_format",
        "stop_sequences",
        "output_config",
        "cache_control",
    }
)
PARAMS = _PLAIN | _OWN
_QUOTED = re.compile(r"['\"`“]([a-z][a-z0-9_.\[\]]{0,79})['\"`”]")
_NAMED = re.compile(
    r"(?:^|[\n;] ?)`?([a-z][a-z0-9_.\[\]]{0,79})`?(?::| is | are )"
    r"|(?:param(?:eter)?|argument|field|property|setting|supplied)s?:? ([a-z][a-z0-9_.\[\]]{0,79})"
)
_BARE = re.compile(rf"\b({'|'.join(sorted(_OWN, key=len, reverse=True))})\b")
_UNSUPPORTED = re.compile(
    r"unsupported|not support|n't support|unrecogni[sz]ed|unknown|unexpected|extra inputs|extra_forbidden|not permitted"
    r"|not allowed|deprecated|only the default|not a valid|additional propert|cannot be used|use ['\"`]?max_"
    r"|no longer|invalid (?:parameter|argument|field)|not available|not implemented|removed"
)
_DELAY = re.compile(r"\A(\d{1,9}(?:\.\d{1,9})?)s\Z")
_TRY_AGAIN = re.compile(
    r"(?:try again|retry) (?:in|after) (?:(\d{1,5})m)?"
    r"(?:(\d{1,9}(?:\.\d{1,9})?)s|(\d{1,9}(?:\.\d{1,9})?)ms|(\d{1,9}) sec)"
)


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a vendor says, in lower case. `status` is the one in the document, 0 for none; `wait` is in seconds."""

    codes: str = ""
    words: str = ""
    param: str = ""
    status: int = 0
    wait: float | None = None
    limit_tokens: int | None = None
    is_page: bool = False

    @property
    def all(self) -> str:
        """Codes and words."""
        return f"{self.codes} {self.words}"

    @property
    def is_unsupported(self) -> bool:
        """Whether it says that there is no such setting, or none that one may choose."""
        return bool(_UNSUPPORTED.search(self.all))


def document_of(content: bytes) -> object:
    """Return the document that the bytes of an answer hold; their text, if it is none."""
    content = content.strip().removeprefix(b"data:").strip()
    try:
        return loads(content) if content else None
    except ValueError:
        return content.decode("utf-8", "replace")


def complaint_of(body: object) -> Complaint:
    """Read a document, which may be a text, a list of documents, or one inside another."""
    if isinstance(body, str) and body.lstrip().startswith("<"):
        return Complaint(is_page=True)
    nodes = list(_nodes(body, 0))
    objects = [node for node in nodes if isinstance(node, Mapping)]
    codes = " ".join(str(node[name]) for node in objects for name in _CODES if isinstance(node.get(name), str | int))
    words = "\n".join(dict.fromkeys(node for node in nodes if isinstance(node, str)))[:_MAX_WORDS].lower()
    return Complaint(
        codes=codes.lower(),
        words=words,
        param=_param(objects, words),
        status=next((found for node in objects if (found := _status(node.get("code"))) or (found := 0)), 0),
        wait=_wait(objects, words),
        limit_tokens=next((node["n_ctx"] for node in objects if isinstance(node.get("n_ctx"), int)), None),
    )


def _nodes(value: object, depth: int) -> Iterator[object]:
    """Yield the objects of a document and the texts of their sentences, from the outside in."""
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, str):
        yield value
        if value.lstrip().startswith(("{", "[")):
            inner = document_of(value.encode("utf-8", "replace"))
            if not isinstance(inner, str):
                yield from _nodes(inner, depth + 1)
    elif isinstance(value, list):
        for each in value[:8]:
            yield from _nodes(each, depth + 1)
    elif isinstance(value, Mapping):
        yield value
        for name in _INSIDE:
            if name in value:
                yield from _nodes(value[name], depth + 1)


def _status(code: object) -> int:
    """Return a code that is a status of HTTP, 0 for any other."""
    number = int(code) if isinstance(code, int) or (isinstance(code, str) and code.isdecimal()) else 0
    return number if 400 <= number < 600 else 0


def _param(objects: list[Mapping[str, Any]], words: str) -> str:
    """Return the setting of ours that the vendor names, "" for none."""
    said = (str(node.get("param") or "").lower() for node in objects)
    places = (part for node in objects if isinstance(node.get("loc"), list) for part in map(str, node["loc"]))
    quoted = (match[1] for match in _QUOTED.finditer(words))
    named = (match[1] or match[2] for match in _NAMED.finditer(words))
    bare = (match[1] for match in _BARE.finditer(words))
    roots = (re.split(r"[.\[]", name, maxsplit=1)[0] for found in (said, places, quoted, named, bare) for name in found)
    return next((root for root in roots if root in PARAMS), "")


def _wait(objects: list[Mapping[str, Any]], words: str) -> float | None:
    """Return how long the vendor asks to wait, where it says so in its document."""
    for node in objects:
        if (delay := _DELAY.match(str(node.get("retryDelay", "")))) is not None:
            return float(delay[1])
    if (asked := _TRY_AGAIN.search(words)) is None:
        return None
    minutes, seconds, milliseconds, spelled = (float(part or 0) for part in asked.groups())
    return minutes * 60 + seconds + spelled + milliseconds / 1000
