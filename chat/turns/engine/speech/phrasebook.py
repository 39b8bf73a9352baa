"""The files of languages, read once: what people say in each, and what a bot says."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from chat.turns.engine.speech.folding import fold
from chat.turns.engine.speech.grammar import Grammar

FOLDER = Path(__file__).parent / "phrases"
# What is said in many languages and tells nothing of which
ANY = "any"
FILLER, VOCATIVE, TITLE = "filler", "vocative", "title"


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its phrases, its frequent words as they are written, and the sentences of a bot by name."""

    code: str
    grammar: Grammar
    common: frozenset[str]
    said: dict[str, str]


@lru_cache(maxsize=1)
def languages() -> dict[str, Language]:
    """Return all languages by their codes (ISO 639-1)."""
    read = {path.stem: tomllib.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.toml"))}
    found = {}
    for code, table in read.items():
        grammar = Grammar()
        for shared in (read[ANY]["heard"], table.get("heard", {})):
            for name, phrases in shared.items():
                grammar.add(name, phrases)
        common = frozenset(table.get("words", {}).get("common", "").split())
        found[code] = Language(code, grammar, common, table.get("said", {}))
    return found


@lru_cache(maxsize=1)
def names() -> frozenset[str]:
    """Return first names that people put after a greeting, folded."""
    return frozenset(fold(name) for name in (FOLDER / "names.txt").read_text("utf-8").split())
