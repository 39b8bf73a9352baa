"""What the encoders of all wire formats share: texts that can be sent, bytes as text, and the limit of an answer."""

from __future__ import annotations

import base64

from providers.messages import FilePart, ImagePart
from providers.profiles import ModelProfile

# `max_tokens` bounds the answer that people read; vendors count a model's thoughts in with it
THINKING_ALLOWANCE = 8192


def sayable(text: str) -> str:
    """Replace lone surrogates, which no vendor's JSON can carry."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def answer_limit(asked: int, profile: ModelProfile) -> int:
    """Return the limit to send, so that an answer of the length that was asked for has room beside the thoughts."""
    return asked + (THINKING_ALLOWANCE if profile.thinks else 0)


def as_base64(data: bytes) -> str:
    """Return bytes as text."""
    return base64.b64encode(data).decode()


def data_address(part: ImagePart | FilePart) -> str:
    """Return bytes as an address that holds them."""
    return f"data:{part.media_type};base64,{as_base64(part.data)}"
