"""Decides what a message is before documents are searched, its language, and what is said without a model."""

from __future__ import annotations

from chat.turns.asks import Ask
from chat.turns.engine.evidence import may_use_tools
from chat.turns.engine.followups import earlier_questions
from chat.turns.engine.speech import Heard, Kind, hear, say, tongue_of
from chat.turns.engine.speech.sentences import ENGLISH, Sentence, speaks
from datasets.languages import BY_CODE, is_in_latin_letters, script_of
from providers.types import OwnWords

_SAID: dict[Kind, Sentence] = {
    Kind.GREETING: "greeting",
    Kind.WELLBEING: "greeting",
    Kind.HELP: "greeting",
    Kind.THANKS: "thanks",
    Kind.GOODBYE: "goodbye",
    Kind.BOT: "bot",
}
_LONGEST_QUOTE = 500


def heard_in(ask: Ask) -> Heard | None:
    """Return what kind of message it is; None for a question, and for whatever comes with files, tools or a form.

    "Yes" says something only together with what it answers: after a question it is one.
    """
    if ask.wants.parts or ask.wants.output or ask.after or may_use_tools(ask):
        return None
    heard = hear(ask.question, name=ask.bot.name)
    if heard is not None and heard.kind == Kind.REPLY and earlier_questions(ask):
        return None
    return heard


def language_of(ask: Ask, heard: Heard | None) -> str:
    """Return the language to answer in (ISO 639-1): the message's, the conversation's, the documents', the bot's.

    It is `ask.answers_in` once that is decided: telling it takes a fraction of a millisecond.
    """
    if ask.answers_in:
        return ask.answers_in
    may_be = _as_written(ask.question, heard.languages) if heard else ()
    if len(may_be) == 1:
        return may_be[0]
    if heard is None and (own := _spoken(ask.question)):
        return own
    around = _around(ask)
    if not may_be or around in may_be:
        return around
    return ENGLISH if ENGLISH in may_be else may_be[0]


def _as_written(text: str, languages: tuple[str, ...]) -> tuple[str, ...]:
    """Return those of the languages that have the letters of a text, all if none has: "merhaba" is no Arabic."""
    is_latin = script_of(text) == "latin"
    return tuple(one for one in languages if is_in_latin_letters(BY_CODE[one]) == is_latin) or languages


def own_words(ask: Ask, heard: Heard | None) -> OwnWords:
    """Return what the built-in answerer says by itself."""
    language = language_of(ask, heard)
    return OwnWords(
        lead=say("lead", language),
        nothing=say("nothing", language),
        reply=_reply(ask, heard.kind, language) if heard else "",
    )


def _reply(ask: Ask, kind: Kind, language: str) -> str:
    if kind == Kind.ASKED and (before := earlier_questions(ask)):
        return say("asked", language, question=before[-1][:_LONGEST_QUOTE])
    if kind == Kind.REPEAT:
        last = next((message.text.strip() for message in reversed(ask.history) if message.role == "assistant"), "")
        if last:
            return last
    if kind in {Kind.ASKED, Kind.REPEAT}:
        kind = Kind.GREETING
    return say(_SAID.get(kind, "ack"), language, name=ask.bot.name)


def _around(ask: Ask) -> str:
    """Return the language of the conversation so far, of the documents, or of the bot's instructions."""
    for message in reversed(ask.history):
        if message.role == "user" and (spoken := _of_message(message.text)):
            return spoken
    for language in (ask.language, tongue_of(ask.bot.system_prompt)):
        if language and speaks(language):
            return language
    return ENGLISH


def _of_message(text: str) -> str | None:
    heard = hear(text)
    if heard is not None:
        return heard.languages[0] if len(heard.languages) == 1 else None
    return _spoken(text)


def _spoken(text: str) -> str | None:
    language = tongue_of(text)
    return language if language and speaks(language) else None
