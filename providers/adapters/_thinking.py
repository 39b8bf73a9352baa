"""Finds the thoughts that a model writes into its text, as `<think>…</think>` and the like, however they are cut."""

from __future__ import annotations

from enum import Enum

from providers.adapters._parts import PartWriter
from providers.messages import TextPart, ThinkingPart

CLOSING = "</think>"
# How the models of different makers begin and end a thought
_ENDS = {
    "<think>": CLOSING,
    "<thinking>": "</thinking>",
    "<thought>": "</thought>",
    "<reasoning>": "</reasoning>",
    "<seed:think>": "</seed:think>",
    "[THINK]": "[/THINK]",
    "◁think▷": "◁/think▷",
    "<|begin_of_thought|>": "<|end_of_thought|>",
    "<|channel|>analysis<|message|>": "<|channel|>final<|message|>",
}


class _At(Enum):
    """Where in the answer the reader is."""

    START = 1  # nothing but white space so far
    WAITING = 2  # words that may turn out to have been thoughts are held back
    THOUGHT = 3
    TEXT = 4


class ThinkingFilter:
    """Passes text on to a writer as text or as thoughts; only what may be half a tag is held back.

    Thoughts come first: an opening tag later in the answer is text like any other. Some servers send the closing tag
    only, since the opening one was the end of their prompt: then all before it was thought. Where that is to be
    expected (`waits`) the text is held back until the tag or the end comes; elsewhere what was sent as text is
    taken back as a thought.
    """

    def __init__(self, writer: PartWriter, *, waits: bool = False) -> None:
        self._writer = writer
        self._waits = waits
        self._at = _At.START
        self._held = ""
        self._closing = CLOSING
        self._waiting: list[str] = []
        self._has_thought = False

    def feed(self, text: str) -> None:
        """Take the next piece of the text."""
        self._held += text
        while self._step():
            pass

    def thought_elsewhere(self) -> None:
        """The vendor sends thoughts under a name of their own: none are to be expected in the text."""
        self._waits = False
        self._has_thought = True
        if self._at is _At.WAITING:
            self._at, self._held = _At.TEXT, self._let_go() + self._held
            self.feed("")

    def finish(self) -> None:
        """The text has ended, or something else follows: what is still held back was none of a tag."""
        if self._has_thought and self._at is _At.START:
            self._held = self._held.lstrip()
        self._writer.say(ThinkingPart if self._at is _At.THOUGHT else TextPart, self._let_go() + self._held)
        self._held = ""

    def _step(self) -> bool:
        """Go on as far as the held text allows; True when there may be more to do."""
        steps = {_At.START: self._start, _At.WAITING: self._wait, _At.THOUGHT: self._think, _At.TEXT: self._speak}
        return steps[self._at]()

    def _start(self) -> bool:
        begun = self._held.lstrip()
        if opening := next((tag for tag in _ENDS if begun.startswith(tag)), ""):
            self._held, self._at, self._closing = begun.removeprefix(opening), _At.THOUGHT, _ENDS[opening]
            return True
        if any(tag.startswith(begun) for tag in _ENDS):
            return False
        if self._has_thought:
            self._held = begun  # the line breaks after a thought belong to its tag
        self._at = _At.WAITING if self._waits else _At.TEXT
        return True

    def _wait(self) -> bool:
        thought, closing, rest = self._held.partition(CLOSING)
        if not closing:
            cut = len(self._held) - _overlap(self._held, CLOSING)
            self._waiting.append(self._held[:cut])
            self._held = self._held[cut:]
            return False
        self._writer.say(ThinkingPart, self._let_go() + thought)
        self._begin_answer(rest)
        return True

    def _let_go(self) -> str:
        """Return what waits."""
        waiting, self._waiting = "".join(self._waiting), []
        return waiting

    def _think(self) -> bool:
        thought, closing, rest = self._held.partition(self._closing)
        if closing:
            self._writer.say(ThinkingPart, thought)
            self._begin_answer(rest)
            return True
        self._pass_on(ThinkingPart, self._closing)
        return False

    def _speak(self) -> bool:
        if not self._has_thought and CLOSING in self._held:
            thought, _, rest = self._held.partition(CLOSING)
            self._writer.say(TextPart, thought)
            self._writer.was_thought()
            self._begin_answer(rest)
            return True
        if self._has_thought:
            self._writer.say(TextPart, self._held)
            self._held = ""
        else:
            self._pass_on(TextPart, CLOSING)
        return False

    def _begin_answer(self, rest: str) -> None:
        """Go on with the answer itself, or with another thought."""
        self._held, self._has_thought, self._waits, self._at = rest, True, False, _At.START

    def _pass_on(self, kind: type[TextPart] | type[ThinkingPart], closing: str) -> None:
        """Pass on all but what may be the beginning of a closing tag."""
        cut = len(self._held) - _overlap(self._held, closing)
        self._writer.say(kind, self._held[:cut])
        self._held = self._held[cut:]


def _overlap(text: str, tag: str) -> int:
    """Return how many characters at the end of a text may be the beginning of a tag."""
    return next((size for size in range(len(tag) - 1, 0, -1) if text.endswith(tag[:size])), 0)
