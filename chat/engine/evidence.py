"""What a bot says when its documents hold nothing on the question."""

from __future__ import annotations

from collections.abc import Sequence

from bots.enums import NoEvidence
from chat.types import Ask, BotSetup

_SENTENCES: dict[str, str] = {
    NoEvidence.SAY_SO: "I could not find anything about this in the documents I answer from.",
    NoEvidence.ASK_BACK: (
        "I found nothing about this in the documents I answer from. Could you put the question differently, "
        "or tell me more about what you are looking for?"
    ),
    NoEvidence.HANDOFF: ("I cannot answer this from the documents I have. A member of the team can help you with it."),
}


def answers_anyway(bot: BotSetup) -> bool:
    """Say whether the bot answers from general knowledge where its documents hold nothing."""
    return bot.no_evidence == NoEvidence.ANSWER_ANYWAY


def fixed_answer(bot: BotSetup) -> str | None:
    """Return the sentence to say without asking a model, None when the bot answers anyway.

    The bot's own message goes before ours.
    """
    return None if answers_anyway(bot) else nothing_found(bot)


def may_use_tools(ask: Ask) -> bool:
    """Say whether the answer may come from tools: there are some to call, or one was called."""
    may_call = bool(ask.wants.tools) and ask.wants.tool_choice != "none"
    return may_call or any(message.role == "tool" for message in ask.after)


def not_confirmed(words: Sequence[str]) -> str:
    """Return the sentence that follows an answer about things which no passage speaks of."""
    listed = ", ".join(f"“{word}”" for word in words)
    return f"Please check: the sources do not confirm this about {listed}."


def nothing_found(bot: BotSetup) -> str:
    """Return the sentence by which a bot says that its documents do not hold the answer."""
    return bot.no_evidence_message.strip() or _SENTENCES.get(bot.no_evidence, _SENTENCES[NoEvidence.SAY_SO])
