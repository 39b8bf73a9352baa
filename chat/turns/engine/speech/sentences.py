"""What a bot says by itself, without a model, in the language of its reader."""

from __future__ import annotations

from typing import Literal

from chat.turns.engine.speech.phrasebook import languages

ENGLISH = "en"
Sentence = Literal[
    "greeting", "thanks", "goodbye", "ack", "bot", "asked", "say_so", "ask_back", "handoff", "not_confirmed", "lead",
    "nothing",
]  # fmt: skip


def say(sentence: Sentence, language: str, **values: str) -> str:
    """Return a sentence in a language (ISO 639-1), in English where it is not there; `values` are put into it."""
    known = languages().get(language)
    text = (known.said.get(sentence) if known else None) or languages()[ENGLISH].said[sentence]
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text


def speaks(language: str) -> bool:
    """Whether the bot's sentences are there in a language."""
    known = languages().get(language)
    return known is not None and bool(known.said)
