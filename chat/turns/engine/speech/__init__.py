"""What people say to a bot that is no question about its documents, and what it says by itself: a language, a file."""

from chat.turns.engine.speech.kinds import Kind
from chat.turns.engine.speech.recognition import Heard, hear
from chat.turns.engine.speech.sentences import say
from chat.turns.engine.speech.tongue import tongue_of

__all__ = ["Heard", "Kind", "hear", "say", "tongue_of"]
