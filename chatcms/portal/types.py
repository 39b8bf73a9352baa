"""Values that pages show."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Snippet:
    """Code to copy, in one language: a word that names it, what people call it, and the text."""

    name: str
    label: str
    text: str
