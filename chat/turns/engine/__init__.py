"""The work of a turn: find passages, build the prompt, stream the answer, spot its citations. No storage, no HTTP."""

from chat.turns.engine.answering import answer
from chat.turns.engine.ports import Ports

__all__ = ["Ports", "answer"]
