"""What the programs of all clients share: what they ask, what has to come of it, and how one check is run.

    python openai_client.py stream

runs one check of a program. It ends with 0 when that passes, with `NOT_THERE` when the client knows no such thing.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

BASE_URL = f"{os.environ['CHAT']}/v1"
KEY = os.environ["CHAT_KEY"]
ECHO, CITE, TOOLS, JSON = (os.environ[f"CHAT_BOT_{name}"] for name in ("ECHO", "CITE", "TOOLS", "JSON"))
NOT_THERE = 3

SAID = "One two three four"
QUESTION = "How long may a purchase be returned?"
WEATHER = "What is the weather?"
ARGUMENTS = {"city": "Paris", "days": 3}
TURNS = ("First words", "Second words", "Third words")
TOLD = "The tool says: sunny"
NAMED = {"name": "forty-two"}
SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string"}},
    "required": ["name"],
    "additionalProperties": False,
}
PARAMETERS = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
    "additionalProperties": False,
}
LOOKUP = {"name": "lookup", "description": "Looks the weather up.", "parameters": PARAMETERS}


def expect(found: object, wanted: object) -> None:
    """End with an error unless both are the same."""
    if found != wanted:
        sys.exit(f"{wanted!r} was expected, and this came: {found!r}")


def expect_true(found: object, what: str) -> None:
    """End with an error unless `found` says yes."""
    if not found:
        sys.exit(f"There is no {what}: {found!r}")


def main(**checks: Callable[[], None]) -> None:
    """Run the check that the command line names."""
    check = checks.get(sys.argv[1])
    if check is None:
        sys.exit(NOT_THERE)
    check()
