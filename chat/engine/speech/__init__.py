"""What people say to a bot that is no question about its documents, and what it says of its own: a language, a file."""

from chat.engine.speech.hearing import Heard, hear
from chat.engine.speech.kinds import Kind
from chat.engine.speech.saying import say
from chat.engine.speech.tongue import tongue_of

__all__ = ["Heard", "Kind", "hear", "say", "tongue_of"]
