"""What a bot says when its documents hold nothing on the question."""

from __future__ import annotations

from bots.enums import NoEvidence
from chat.types import BotSetup

_SENTENCES: dict[str, str] = {
    NoEvidence.SAY_SO: "I could not find anything about this in the documents I answer from.",
    NoEvidence.ASK_BACK: (
        "I found nothing about this in the documents I answer from. Could you put the question differently, "
        "or tell me more about what you are looking for?"
    ),
    NoEvidence.HANDOFF: ("I cannot answer this from the documents I have. A member of the team can help you with it."),
}


def fixed_answer(bot: BotSetup) -> str | None:
    """Return the sentence to say without asking a model, None when the bot answers anyway.

    The bot's own message goes before ours.
    """
    return None if bot.no_evidence == NoEvidence.ANSWER_ANYWAY else nothing_found(bot)


def nothing_found(bot: BotSetup) -> str:
    """Return the sentence by which a bot says that its documents do not hold the answer."""
    return bot.no_evidence_message.strip() or _SENTENCES.get(bot.no_evidence, _SENTENCES[NoEvidence.SAY_SO])
