"""Prints how many short messages are taken for what they are, and how many real questions are taken for small talk.

    python benchmarks/messages.py [--wrong tuned|held]

`messages.tsv` beside it holds 400 short messages and 400 real questions in 25 languages. The phrases of
`chat/turns/engine/speech/phrases` were written and corrected with the half called "tuned"; the half called "held" was
put aside before that and has been counted only. Needs neither database nor model.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MESSAGES = Path(__file__).with_suffix(".tsv")
QUESTION = "question"
# What the list calls a kind, and the kinds that it may be
KINDS = {
    "greeting": {"greeting", "wellbeing"},
    "thanks": {"thanks"},
    "goodbye": {"goodbye"},
    "ack": {"ack", "sorry", "reply"},
    "bot": {"bot", "help"},
    "talk": {"asked", "repeat"},
}


@dataclass(frozen=True, slots=True)
class Message:
    """A line of the list."""

    half: str
    language: str
    kind: str
    text: str

    def is_right(self, heard: str | None) -> bool:
        """Say whether it was taken for what it is."""
        return heard is None if self.kind == QUESTION else heard in KINDS[self.kind]


def main() -> int:
    """Print the shares of both halves."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wrong", choices=("tuned", "held"), help="name what went wrong in one half")
    options = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    read = messages()
    print(f"{'':8}short  taken for small talk  for their kind    questions  taken for small talk")
    for half in ("tuned", "held"):
        print(line(half, [one for one in read if one.half == half]))
    for one in read:
        if one.half == options.wrong and not one.is_right(heard(one.text)):
            print(f"{one.language} {one.kind:9} {heard(one.text) or '-':9} {one.text}")
    return 0


def messages() -> list[Message]:
    """Return the list."""
    return [Message(*row.split("\t")) for row in MESSAGES.read_text("utf-8").splitlines()[1:]]


def heard(text: str) -> str | None:
    """Return the kind that the product hears."""
    from chat.turns.engine.speech import hear

    found = hear(text, name="Guide")
    return found.kind.value if found else None


def line(half: str, read: list[Message]) -> str:
    """Return a half's line of the table."""
    counts: Counter[str] = Counter()
    for one in read:
        kind = heard(one.text)
        group = QUESTION if one.kind == QUESTION else "short"
        counts[group] += 1
        counts[f"{group} heard"] += kind is not None
        counts["right"] += group == "short" and one.is_right(kind)
    short, questions = counts["short"], counts[QUESTION]
    return (
        f"{half:8}{short:5}{counts['short heard'] / short:22.3f}{counts['right'] / short:16.3f}"
        f"{questions:13}{counts['question heard'] / questions:22.3f}"
    )


if __name__ == "__main__":
    sys.exit(main())
