"""The work of a turn: find passages, build the prompt, stream the answer, spot its citations. No storage, no HTTP."""

from chat.turns.engine.answering import Check, Lookup, Permit, Search, answer

__all__ = ["Check", "Lookup", "Permit", "Search", "answer"]
