"""The kinds of message that ask nothing of documents."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What a short message is; of a message that is several things the first of these counts."""

    ASKED = "asked"  # what did I just ask?
    REPEAT = "repeat"  # say that again; what do you mean?
    BOT = "bot"  # who are you, what can you do?
    HELP = "help"  # can you help me? I have a question
    GOODBYE = "goodbye"
    THANKS = "thanks"
    SORRY = "sorry"
    WELLBEING = "wellbeing"  # how are you?
    GREETING = "greeting"
    ACKNOWLEDGEMENT = "ack"  # ok, I see, 👍
    REPLY = "reply"  # yes, no: what it answers is in the conversation
