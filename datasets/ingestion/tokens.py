"""Counts tokens with the built-in model's tokenizer, whichever model embeds: chunks are then alike everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from tokenizers import Tokenizer

from providers.adapters.local.model import TOKENIZER_FILE
from providers.exceptions import ProviderMisconfigured


def tokenize(text: str) -> Sequence[tuple[int, int]]:
    """Return start and end of each token. Raises `ProviderMisconfigured` when the model is not installed."""
    offsets: Sequence[tuple[int, int]] = (
        _tokenizer(Path(settings.LOCAL_MODEL_DIR)).encode(text, add_special_tokens=False).offsets
    )
    return offsets


def shortened(text: str, tokens: int) -> str:
    """Return the beginning of `text` that has at most `tokens` tokens."""
    offsets = tokenize(text)
    return text if len(offsets) <= tokens else text[: offsets[tokens][0]].rstrip()


@lru_cache(maxsize=2)
def _tokenizer(folder: Path) -> Tokenizer:
    file = folder / TOKENIZER_FILE
    if not file.is_file():
        raise ProviderMisconfigured("The local embedding model is not installed. Run ./start-all.sh again.")
    tokenizer = Tokenizer.from_file(str(file))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer
