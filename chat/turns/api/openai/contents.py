"""Reads what OpenAI's messages are made of, in both of its protocols, as the parts that a model is sent."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, cast, get_args

from chat.turns.api.openai.errors import UnsupportedParameterError
from chat.turns.services.pictures import media_type_of
from chatcms.core.api import serializers
from chatcms.core.text.safety import storable
from providers.messages import FilePart, ImageDetail, ImagePart, Part, RefusalPart, TextPart

MOST_PARTS = 1000
LONGEST_TEXT = 1_000_000
# A picture or document in a request, as a data URL; the limit of bodies is what counts in the end.
LONGEST_DATA = 100_000_000
# How the schema describes a text, and a data URL or address
WORDS = {"type": "string", "maxLength": LONGEST_TEXT}
DATA = {"type": "string", "maxLength": LONGEST_DATA}
_TEXTS = frozenset({"text", "input_text", "output_text"})
_IMAGES = frozenset({"image_url", "input_image"})
_FILES = frozenset({"file", "input_file"})
_DATA_URL = re.compile(r"data:([\w.+-]+/[\w.+-]+)?(?:;[\w.+=-]+)*?;base64,", re.ASCII)
_WEB = ("https://", "http://")


def parts_of(content: Any, *, at: str = "content") -> tuple[Part, ...]:
    """Return the parts of a message's content: a text, a list of parts, or null. Raises `ValidationError` at `at`."""
    if content is None:
        return ()
    if isinstance(content, str):
        return (TextPart(_text(content, at)),) if content else ()
    if not isinstance(content, list) or len(content) > MOST_PARTS:
        raise serializers.ValidationError({at: f"Send a text, or a list of at most {MOST_PARTS:,} parts."})
    return tuple(part for each in content if (part := _part(each, at)) is not None)


def words_of(content: Any, *, at: str = "content") -> str:
    """Return content that may be of words only, as a tool's result is; pictures and files are refused."""
    parts = parts_of(content, at=at)
    if not all(isinstance(part, TextPart | RefusalPart) for part in parts):
        raise serializers.ValidationError({at: "Send words only here."})
    return "".join(part.text for part in parts if isinstance(part, TextPart | RefusalPart))


def bounded(data: Any) -> Any:
    """Return JSON as it is; raise `ValidationError` for a NUL in any of its texts, or one that is too long."""
    open_ = [data]
    while open_:
        value = open_.pop()
        if isinstance(value, Mapping):
            open_ += [*value, *value.values()]
        elif isinstance(value, list):
            open_ += value
        elif isinstance(value, str):
            _check_text(value)
    return data


def _check_text(text: str) -> None:
    if "\x00" in text:
        raise serializers.ValidationError("Null characters are not allowed.")
    longest = LONGEST_DATA if text.startswith("data:") else LONGEST_TEXT
    if len(text) > longest:
        raise serializers.ValidationError(f"Send at most {longest:,} characters.")


def _part(part: Any, at: str) -> Part | None:
    kind = part.get("type") if isinstance(part, Mapping) else None
    if not isinstance(kind, str):
        raise serializers.ValidationError({at: "Send each part as an object with a `type`."})
    if kind in _TEXTS:
        text = _text(part.get("text"), at)
        return TextPart(text) if text else None
    if kind == "refusal":
        return RefusalPart(_text(part.get("refusal"), at))
    if kind in _IMAGES:
        return _image(part, at)
    if kind in _FILES:
        return _file(part["file"] if isinstance(part.get("file"), Mapping) else part, at)
    raise UnsupportedParameterError(at, f"Bots read text, pictures and files, and no parts of type `{kind[:40]}`.")


def _text(text: Any, at: str) -> str:
    if not isinstance(text, str):
        raise serializers.ValidationError({at: "Send the words of a part as text."})
    return storable(text)


def _image(part: Mapping[str, Any], at: str) -> ImagePart:
    given: Any = part.get("image_url")
    if isinstance(given, Mapping):
        part, given = given, given.get("url")
    if given is None and part.get("file_id"):
        raise UnsupportedParameterError(at, "No files are kept here: send the picture as a data URL, or its address.")
    given_detail = part.get("detail") or "auto"
    if given_detail not in get_args(ImageDetail):
        raise serializers.ValidationError({at: "`detail` is auto, low or high."})
    detail = cast(ImageDetail, given_detail)
    if isinstance(given, str) and given.lower().startswith(_WEB):
        return ImagePart(url=storable(given), detail=detail)
    data = _data(given, at)[1]
    if not (media_type := media_type_of(data)):
        raise serializers.ValidationError({at: "Send a picture that is a PNG, JPEG, GIF or WebP."})
    return ImagePart(media_type, data, detail=detail)


def _file(file: Mapping[str, Any], at: str) -> FilePart:
    if not file.get("file_data"):
        raise UnsupportedParameterError(at, "No files are kept here: send a file's content as `file_data`.")
    media_type, data = _data(file["file_data"], at)
    name = file.get("filename")
    return FilePart(storable(name)[:255] if isinstance(name, str) and name else "file", media_type, data)


def _data(given: Any, at: str) -> tuple[str, bytes]:
    """Return what a data URL holds: its type, and its bytes."""
    found = _DATA_URL.match(given) if isinstance(given, str) else None
    if found is None:
        raise serializers.ValidationError({at: "Send `data:<type>;base64,…`, or for a picture its https address."})
    try:
        return found[1] or "application/octet-stream", base64.b64decode(given[found.end() :], validate=True)
    except (binascii.Error, ValueError):
        raise serializers.ValidationError({at: "What follows `base64,` is not base64."}) from None
