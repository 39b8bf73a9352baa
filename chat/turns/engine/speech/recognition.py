"""Tells what kind of message a text is, if it asks nothing of documents: every word of it must be part of a phrase."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from chat.turns.engine.speech.folding import Token, fold, tokens_of
from chat.turns.engine.speech.grammar import Grammar
from chat.turns.engine.speech.kinds import Kind
from chat.turns.engine.speech.phrasebook import ANY, FILLER, TITLE, VOCATIVE, Language, languages, names

LONGEST = 200  # characters: who writes more than that has something to ask
_MOST_WORDS = 60  # each letter counts where words have no spaces
_MOST_STRANGERS = 1  # words that are no known name, and may be one since they begin with a capital letter
_HANDS = {"👋": Kind.GREETING, "🙏": Kind.THANKS, "🙋": Kind.GREETING}
_ORDER = tuple(Kind)
# What a phrase is that may be either: "ciao" is a greeting, unless more tells that somebody leaves
_LIKELIEST = (Kind.GREETING, Kind.ACKNOWLEDGEMENT, Kind.THANKS, Kind.GOODBYE, *_ORDER)
_NAME, _ALONE = "name", "alone"
_NO_KIND = frozenset({FILLER, VOCATIVE, TITLE, _NAME})
_CALLS = frozenset({Kind.GREETING, Kind.THANKS, TITLE, VOCATIVE, _NAME})
_SWAPPED_FROM = 4  # letters that a word must have for two of them to be taken for swapped


@dataclass(frozen=True, slots=True)
class Heard:
    """What a message is, and the languages that it may be in: none where it is in many."""

    kind: Kind
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Way:
    """A way to read the first words: as how few phrases, of which kinds; `after` is what came last."""

    phrases: int = 0
    kinds: frozenset[str] = frozenset()
    after: str = ""
    strangers: int = 0


def hear(text: str, *, name: str = "") -> Heard | None:
    """Return what `text` is, None for what may be a question about documents; `name` is the bot's, to be called by."""
    if len(text) > LONGEST:
        return None
    return _heard(text.strip(), name)


@lru_cache(maxsize=4096)
def _heard(text: str, name: str) -> Heard | None:
    tokens = tokens_of(text)
    if not tokens:
        return _of_signs(text)
    if len(tokens) > _MOST_WORDS:
        return None
    called = frozenset(token.text for token in tokens_of(name))
    is_asked = text.rstrip(" \"'”»)!").endswith(("?", "？", "؟", ";"))
    found: dict[str, Kind] = {}
    for language in languages().values():
        kind = _kind_in(language, tokens, called, is_asked=is_asked)
        if kind is not None:
            found[language.code] = kind
    if not found:
        return None
    if ANY in found:
        return Heard(found[ANY])
    # Where two languages differ in what it is, the kind that most of them hear counts.
    kinds = list(found.values())
    kind = max(_LIKELIEST, key=kinds.count)
    return Heard(kind, tuple(code for code, one in found.items() if one == kind))


def _of_signs(text: str) -> Heard | None:
    """Return what emoji say; punctuation alone says as little."""
    hand = next((kind for sign, kind in _HANDS.items() if sign in text), None)
    return Heard(hand or Kind.ACKNOWLEDGEMENT) if text else None


def _kind_in(language: Language, tokens: Sequence[Token], called: frozenset[str], *, is_asked: bool) -> Kind | None:
    grammar = language.grammar
    # Nearly all questions are known by their first word as none of these.
    first = next(_as_words(grammar, tokens[:1]), None)
    if first is None or first.text not in grammar.begins:
        return None
    read = list(_as_words(grammar, tokens))
    words = [token.text for token in read]
    ways: list[_Way | None] = [_Way(), *([None] * len(words))]
    for start in range(len(words)):
        way = ways[start]
        if way is None:
            continue
        steps = list(grammar.found_at(words, start))
        if _may_be_name(way, read[start], called, is_asked=is_asked):
            steps.append((start + 1, _NAME))
        for end, step in steps:
            # "What?" asks to say it again; before something else it begins a question.
            known = _ALONE if step == Kind.REPEAT and end - start == 1 else step
            _keep(ways, end, _next(way, known, is_known=words[start] in called or words[start] in names()))
    last = ways[-1]
    return _chosen(last.kinds) if last else None


def _next(way: _Way, step: str, *, is_known: bool) -> _Way:
    kinds = way.kinds if step in _NO_KIND else way.kinds | {step}
    strangers = way.strangers + (step == _NAME and not is_known)
    # Fillers and names cost more than phrases, so that the longest phrases are found.
    return _Way(way.phrases + (3 if step in _NO_KIND else 2), kinds, step, strangers)


def _keep(ways: list[_Way | None], end: int, way: _Way) -> None:
    best = ways[end]
    if best is None or (way.phrases, _likelihood(way)) < (best.phrases, _likelihood(best)):
        ways[end] = way


def _likelihood(way: _Way) -> int:
    """Return the place of a way's last kind among the likeliest."""
    return next((place for place, kind in enumerate(_LIKELIEST) if kind == way.after), len(_LIKELIEST))


def _may_be_name(way: _Way, token: Token, called: frozenset[str], *, is_asked: bool) -> bool:
    """Whether a word may be whom the message is for: the bot, somebody by a known name, or with a capital letter."""
    if token.text in called:
        return True
    if not way.kinds or not token.text.isalpha():
        return way.after == TITLE and token.is_capital
    if token.text in names():
        return True
    return (
        token.is_capital and way.after in _CALLS and not token.follows_comma and not is_asked
        and way.strangers < _MOST_STRANGERS and not token.parts
    )  # fmt: skip


def _as_words(grammar: Grammar, tokens: Sequence[Token]) -> Iterator[Token]:
    """Yield the words as the grammar may know them: hyphens taken apart, two swapped letters put right."""
    for token in tokens:
        if token.text in grammar.words:
            yield token
        elif token.parts and all(part in grammar.words for part in token.parts):
            yield from (Token(part) for part in token.parts)
        else:
            yield _unswapped(grammar, token)


def _unswapped(grammar: Grammar, token: Token) -> Token:
    word = token.text
    if _SWAPPED_FROM <= len(word) <= 12 and word.isascii():
        for place in range(len(word) - 1):
            other = fold(word[:place] + word[place + 1] + word[place] + word[place + 2 :])
            if len(other) >= _SWAPPED_FROM and other in grammar.words:
                return Token(other, (), token.is_capital, token.follows_comma)
    return token


def _chosen(kinds: frozenset[str]) -> Kind | None:
    if _ALONE in kinds:
        return Kind.REPEAT if kinds <= {_ALONE, Kind.SORRY, Kind.REPLY} else None
    return next((kind for kind in _ORDER if kind in kinds), None)
