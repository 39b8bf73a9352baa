"""What the models of the fake provider say, each by its name."""

from __future__ import annotations

import re
from typing import Any

from providers.tests.fake_parts import answer_in_parts
from providers.tests.fake_wire import Answer, Finish

_SENTENCE = "The quick brown fox jumps over the lazy dog while it streams "
_WORDS = tuple(re.findall(r"\S+ ", _SENTENCE))
FORM = re.compile(r"(?P<act>slow|stall|cut|eof|junk|error|tokens)-(?P<n>\d+)")


def answer_of(name: str, body: dict[str, Any], *, tokens: int) -> Answer:
    """Return what the model of that name says, which is so many words where the name says nothing else."""
    if (made := answer_in_parts(name, body)) is not None:
        return made
    form = FORM.fullmatch(name)
    count = int(form["n"]) if form and form["act"] == "tokens" else tokens
    said: tuple[str, ...] = tuple(_WORDS[i % len(_WORDS)] for i in range(count))
    if name == "long":
        said = tuple(_WORDS[i % len(_WORDS)] for i in range(2000))
    elif name == "unicode":
        said = ("Grüße, ", "мир — ", "日本語 ", "👩‍👩‍👧 ", "e\u0301 ", "𝕏")
    elif name == "cite":
        said = tuple(re.findall(r"\S+ ?", "According to the documents [1] the answer has two parts [2]."))
    elif name == "no-answer":
        said = ("[", "0", "] ", "The documents ", "say nothing ", "about it.")
    elif name == "claim":
        question = _last_user_text(body).rpartition("Question: ")[2].split("\n")[0]
        said = tuple(re.findall(r"\S+ ?", f"Yes: {question.rstrip('?')}."))
    elif name == "echo":
        said = tuple(re.findall(r"\s*\S+\s*$|\s*\S+", _last_user_text(body)))
    limit = body.get("max_tokens") or body.get("max_completion_tokens")
    finish: Finish = "content_filter" if name == "filtered" else "stop"
    if limit and limit < len(said):
        said, finish = said[:limit], "length"
    model = str(body.get("model"))
    return Answer(model, said, finish, usage=name != "no-usage", done=name != "no-done")


def _last_user_text(body: dict[str, Any]) -> str:
    content = next((m["content"] for m in reversed(body["messages"]) if m["role"] == "user"), "")
    if isinstance(content, list):
        return "".join(part.get("text", "") for part in content)
    return str(content)
