"""Counts tokens with the built-in model's tokenizer, whichever model embeds: chunks are then alike everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings

from datasets.ingestion.tokenizing import tokenizer_of
from providers.adapters.local.model import TOKENIZER_FILE
from providers.exceptions import ProviderMisconfigured


def tokenize(text: str) -> Sequence[tuple[int, int]]:
    """Return start and end of each token. Raises `ProviderMisconfigured` when the model is not installed."""
    return tokenizer_of(tokenizer_file())(text)


def shortened(text: str, tokens: int) -> str:
    """Return the beginning of `text` that has at most `tokens` tokens."""
    offsets = tokenize(text)
    return text if len(offsets) <= tokens else text[: offsets[tokens][0]].rstrip()


def tokenizer_file() -> str:
    """Return where the tokenizer is stored. Raises `ProviderMisconfigured` when the model is not installed."""
    file = Path(settings.LOCAL_MODEL_DIR) / TOKENIZER_FILE
    if not file.is_file():
        raise ProviderMisconfigured("The local embedding model is not installed. Run ./start-all.sh again.")
    return str(file)
