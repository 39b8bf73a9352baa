"""What a bot says when its documents hold nothing on the question."""

from __future__ import annotations

from collections.abc import Sequence

from bots.enums import NoEvidence
from chat.turns.asks import Ask, BotSetup
from chat.turns.engine.speech import say
from chat.turns.engine.speech.sentences import ENGLISH, Sentence

_SENTENCES: dict[str, Sentence] = {NoEvidence.ASK_BACK: "ask_back", NoEvidence.HANDOFF: "handoff"}


def answers_anyway(bot: BotSetup) -> bool:
    """Say whether the bot answers from general knowledge where its documents hold nothing."""
    return bot.no_evidence == NoEvidence.ANSWER_ANYWAY


def fixed_answer(bot: BotSetup, language: str = ENGLISH) -> str | None:
    """Return the sentence to say without asking a model, None when the bot answers anyway.

    The bot's own message goes before ours, which is in `language` (ISO 639-1).
    """
    return None if answers_anyway(bot) else nothing_found(bot, language)


def may_use_tools(ask: Ask) -> bool:
    """Say whether the answer may come from tools: there are some to call, or one was called."""
    may_call = bool(ask.wants.tools) and ask.wants.tool_choice != "none"
    return may_call or any(message.role == "tool" for message in ask.after)


def not_confirmed(words: Sequence[str], language: str = ENGLISH) -> str:
    """Return the sentence that follows an answer about things which no passage speaks of."""
    listed = ", ".join(f"“{word}”" for word in words)
    return say("not_confirmed", language, words=listed)


def nothing_found(bot: BotSetup, language: str = ENGLISH) -> str:
    """Return the sentence by which a bot says that its documents do not hold the answer."""
    return bot.no_evidence_message.strip() or say(_SENTENCES.get(bot.no_evidence, "say_so"), language)
