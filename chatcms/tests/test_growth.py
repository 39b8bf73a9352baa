"""No pattern and no function of text takes more than its share of time for a longer text, whatever the text is."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.conf import settings

from bots import origins, public_id, slugs
from bots.curated import meaning, spelling
from chat.analytics import unanswered
from chat.conversations import serving as watched
from chat.templatetags import conversations
from chat.turns.engine import marks
from chat.turns.engine import tokens as sizes
from chat.turns.engine.speech import folding as spelling_of_speech
from chat.turns.engine.speech import recognition, tongue
from chat.turns.services.pair import title_of
from chatcms.core import logs
from chatcms.core.api import sse
from chatcms.core.exceptions import AppError
from chatcms.core.http import addresses
from chatcms.core.outbound import egress
from chatcms.core.pages import refusals
from chatcms.core.text import csvout, diffing, modeltext, safety, useragents
from chatcms.tests.growth import LENGTH, steepest
from datasets import analysis, closeness, languages, pairs_csv, support
from datasets import folding as spellings
from datasets.blocks import Block, Origin, ReadError
from datasets.ingestion import fetching, splitter, tokens
from datasets.ingestion.readers import (
    charsets,
    decoding,
    estimating,
    guessing,
    html,
    html_head,
    markdown,
    markdown_inline,
    registry,
    typography,
)
from datasets.ingestion.readers import text as plain_text
from datasets.ingestion.readers.docx import fields as fields_of_word
from datasets.ingestion.readers.docx import formulas, symbols
from datasets.ingestion.readers.pdf import letters as pdf_letters
from datasets.ingestion.readers.pdf import sentences as pdf_sentences
from datasets.services import documents, pairs
from providers import addresses as addresses_of_apis
from providers.adapters import _complaints, _encoding, _failures, _lenient, _remote
from providers.adapters._parts import PartWriter
from providers.adapters._thinking import ThinkingFilter
from providers.adapters.local import wanted
from providers.adapters.local.answerer import Draft
from providers.types import PromptPassage
from tenants.services import domains, mail

Work = Callable[[str], Any]

PACKAGES = ("chatcms", "tenants", "providers", "datasets", "bots", "chat")
# What runs in commands only, on the product's own files.
NOT_SERVED = ("tests", "migrations", "management", "runtime", "widget")
TEXTS = frozenset({
    "text", "raw", "data", "content", "body", "before", "after", "question", "asked", "passage", "title", "header",
    "user_agent", "url", "markdown", "html", "search",
})  # fmt: skip
# Markdown's parser takes a hundred times as long as a pattern does.
OF_MANY_STEPS = frozenset({"chatcms.core.text.modeltext.render", "chat.templatetags.conversations.plain"})
SHORTER = 2000
# They ask the database, write SQL around it, or only hand it on.
NOT_OF_LENGTH = frozenset(
    {
        "chat.turns.services.pictures.media_type_of",
        "chatcms.config.environment.mail_server",
        "datasets.analysis.terms_sql",
        "datasets.api.pairs.pairs_file",
        "datasets.ingestion.fetching.fetch",
        "tenants.services.logos.extension_of",
    }
)
SPLIT = {"tokenize": tokens.tokenize, "size": 200, "overlap": 40}


def answered(question: str, passage: str) -> str:
    return Draft(question, [PromptPassage(1, "Title", passage, 1.0)]).compose()


def thoughts_in(text: str) -> None:
    found = ThinkingFilter(PartWriter(), waits=True)
    for start in range(0, len(text), 4):
        found.feed(text[start : start + 4])
    found.finish()


# Every function that takes text and nothing else that must be given, by where it is.
PURE: dict[str, Work] = {
    "bots.curated.meaning.may_be_meant": meaning.may_be_meant,
    "bots.curated.spelling.normalized": spelling.normalized,
    "bots.curated.meaning.is_meant_alike": lambda text: meaning.is_meant_alike(text, text),
    "bots.origins.normalized": origins.normalized,
    "bots.public_id.ids_of": public_id.ids_of,
    "bots.slugs.base_slug": slugs.base_slug,
    "bots.slugs.is_slug": slugs.is_slug,
    "bots.slugs.uuid_of": slugs.uuid_of,
    "chat.analytics.unanswered.digest_of": unanswered.digest_of,
    "chat.conversations.serving.place_in": watched.place_in,
    "chat.turns.engine.speech.folding.fold": spelling_of_speech.fold,
    "chat.turns.engine.speech.folding.tokens_of": spelling_of_speech.tokens_of,
    "chat.turns.engine.speech.folding.words_of": spelling_of_speech.words_of,
    "chat.turns.engine.speech.recognition.hear": recognition.hear,
    "chat.turns.engine.speech.tongue.tongue_of": tongue.tongue_of,
    "chat.turns.engine.tokens.at_most": sizes.at_most,
    "chat.turns.engine.tokens.estimate": sizes.estimate,
    "chat.turns.services.pair.title_of": title_of,
    "chat.templatetags.conversations.plain": conversations.plain,
    "chatcms.core.http.addresses.entry_of_trusted_proxy": addresses.entry_of_trusted_proxy,
    "chatcms.core.text.csvout.marked": csvout.marked,
    "chatcms.core.text.csvout.unmarked": csvout.unmarked,
    "chatcms.core.text.diffing.diff_lines": lambda text: diffing.diff_lines(text, f"x{text[::-1]}"),
    "chatcms.core.logs.redact": logs.redact,
    "chatcms.core.pages.refusals.said": refusals.said,
    "chatcms.core.text.modeltext.render": modeltext.render,
    "chatcms.core.text.useragents.names_in": useragents.names_in,
    "chatcms.core.api.sse.encode_data": lambda text: sse.encode_data(text.encode()),
    "chatcms.core.text.safety.indented": safety.indented,
    "chatcms.core.text.safety.one_line": safety.one_line,
    "chatcms.core.text.safety.seen": safety.seen,
    "chatcms.core.text.safety.storable": safety.storable,
    "datasets.analysis.heading_and_text": lambda text: analysis.heading_and_text(text, text),
    "datasets.analysis.codes_of": lambda text: analysis.codes_of(text, "english"),
    "datasets.analysis.prepared": lambda text: analysis.prepared(text, "german"),
    "datasets.analysis.without_asking": lambda text: analysis.without_asking(text, "german"),
    "datasets.folding.folded": lambda text: [
        spellings.folded(text, one) for one in ("turkish", "danish", "vietnamese")
    ],
    "datasets.folding.plain": lambda text: spellings.plain(text, "turkish"),
    "datasets.folding.unmarked": lambda text: spellings.unmarked(text, "german"),
    "datasets.ingestion.readers.estimating.fewest_tokens": estimating.fewest_tokens,
    "datasets.ingestion.fetching.checked_url": fetching.checked_url,
    "datasets.ingestion.fetching.mark_of": fetching.mark_of,
    "datasets.ingestion.readers.decoding.decode": lambda text: decoding.decode(text.encode()),
    "datasets.ingestion.readers.markdown_inline.closes": lambda text: markdown_inline.closes(text, "```"),
    "datasets.ingestion.readers.markdown_inline.fence_of": markdown_inline.fence_of,
    "datasets.ingestion.readers.markdown.blocks_of": markdown.blocks_of,
    "datasets.ingestion.readers.pdf.letters.read_together": pdf_letters.read_together,
    "datasets.ingestion.readers.pdf.sentences.end_of_sentence": pdf_sentences.end_of_sentence,
    "datasets.ingestion.readers.pdf.sentences.is_prose": pdf_sentences.is_prose,
    "datasets.ingestion.readers.pdf.sentences.joint": lambda text: pdf_sentences.joint(text, text),
    "datasets.ingestion.readers.registry.is_known": registry.is_known,
    "datasets.ingestion.readers.text.title_of": plain_text.title_of,
    "datasets.ingestion.readers.charsets.charset_in": charsets.charset_in,
    "datasets.ingestion.readers.charsets.codec_of": charsets.codec_of,
    "datasets.ingestion.readers.decoding.decoded": lambda text: decoding.decoded(text.encode("utf-16-le")),
    "datasets.ingestion.readers.decoding.wide_encoding": lambda text: decoding.wide_encoding(text.encode("utf-16-le")),
    "datasets.ingestion.readers.guessing.guess": lambda text: guessing.guess(
        text.encode("cp1252", "replace") + b"\xe9"
    ),
    "datasets.ingestion.readers.guessing.folded": guessing.folded,
    "datasets.ingestion.readers.html_head.title_of": lambda text: html_head.title_of(text.encode(), Origin()),
    "datasets.ingestion.readers.html.reading_of": lambda text: html.reading_of(text.encode()),
    "datasets.ingestion.readers.docx.formulas.plain_letters": formulas.plain_letters,
    "datasets.ingestion.readers.docx.symbols.shown": lambda text: symbols.shown(text, "Wingdings"),
    "datasets.ingestion.readers.typography.index": typography.index,
    "datasets.ingestion.readers.typography.is_group": typography.is_group,
    "datasets.ingestion.readers.typography.linked": lambda text: typography.linked(text, f"https://a{text}"),
    "datasets.ingestion.readers.typography.power": typography.power,
    "datasets.ingestion.readers.typography.subscript": typography.subscript,
    "datasets.ingestion.readers.typography.superscript": typography.superscript,
    "datasets.ingestion.readers.typography.target_beside": lambda text: typography.target_beside(text, "https://a"),
    "datasets.ingestion.tokens.tokenize": tokens.tokenize,
    "datasets.languages.detect": languages.detect,
    "datasets.languages.detect_question": languages.detect_question,
    "datasets.languages.script_of": languages.script_of,
    "datasets.support.may_be_unconfirmed": lambda text: support.may_be_unconfirmed(text, text, (text,)),
    "datasets.pairs_csv.read_pairs": lambda text: pairs_csv.read_pairs(text.encode()),
    "datasets.services.documents.clean_name": documents.clean_name,
    "datasets.services.documents.clean_title": documents.clean_title,
    "datasets.services.pairs.key_of": pairs.key_of,
    "providers.adapters.local.wanted.wanted_by": wanted.wanted_by,
    "providers.adapters._complaints.document_of": lambda text: _complaints.document_of(text.encode()),
    "providers.adapters._encoding.as_base64": lambda text: _encoding.as_base64(text.encode()),
    "providers.adapters._encoding.sayable": _encoding.sayable,
    "providers.adapters._lenient.loads": lambda text: _lenient.loads(text.encode()),
    "providers.adapters._remote.found_in": lambda text: _remote.found_in(text.encode()),
    "tenants.services.domains.host_name": domains.host_name,
    "tenants.services.mail.quotable": mail.quotable,
}
# Those that the walk cannot find: methods, parts of others, and what takes text inside something.
OTHERS: dict[str, Work] = {
    "answer of the built-in model": lambda text: answered("What is covered?", text),
    "question to the built-in model": lambda text: answered(text, "The battery is covered for four years."),
    "marks of an answer": lambda text: list(marks.MarkReader({1}).feed(text)),
    "egress": lambda text: egress.check_url(text, egress.EgressPolicy(egress.Purpose.FETCH)),
    "kind of a file": lambda text: registry.kind_of("a.txt", text.encode()[: registry.HEAD_BYTES]),
    "normal forms": lambda each: safety.normalized("NFKC", each),
    "sentences of a passage": closeness._split,
    "splitting": lambda text: list(splitter.split((Block(text),), **SPLIT)),  # type: ignore[arg-type]
    "thoughts in a text": thoughts_in,
    "refusal of a vendor": lambda text: _failures.from_status(400, {"error": {"message": text}}, {}),
    "halves of characters": lambda text: _lenient.whole_characters(text + "\ud83d\udca9\udcc3" * (len(text) // 4)),
    "address of a model API": addresses_of_apis.cleaned,
    "start of a page": lambda text: html.reading_of(f"<ul><table><tr><td><a href='{text}'><h2>{text}".encode()),
    "styles of a page": lambda text: html.reading_of(f"<style>{text}</style><p style='{text}'>a".encode()),
    "target of a Word field": fields_of_word.target_of,
}


def quietly(work: Work) -> Work:
    """What refuses a text has looked at it, too."""

    def done(text: str) -> None:
        with suppress(AppError, ReadError, ValueError, UnicodeError):
            work(text)

    return done


def modules() -> Iterator[ModuleType]:
    for package in PACKAGES:
        for path in sorted((settings.BASE_DIR / package).rglob("*.py")):
            inside = path.relative_to(settings.BASE_DIR)
            if not set(NOT_SERVED) & set(inside.parts) and path.name not in {"asgi.py", "__main__.py"}:
                yield import_module(".".join(inside.with_suffix("").parts).removesuffix(".__init__"))


@lru_cache(maxsize=1)
def patterns() -> dict[str | bytes, re.Pattern[Any]]:
    found = {one.pattern: one for module in modules() for value in vars(module).values() for one in patterns_in(value)}
    return found | {one.pattern: one for module in modules() for one in written_inside(module)}


def written_inside(module: ModuleType) -> Iterator[re.Pattern[Any]]:
    """Yield the patterns that stand as literals in calls of `re`, which no name of the module leads to."""
    if module.__file__ is None:
        return
    tree = ast.parse(Path(module.__file__).read_text("utf-8"))
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if (
            isinstance(call.func, ast.Attribute)
            and isinstance(call.func.value, ast.Name)
            and call.func.value.id == "re"
            and call.func.attr != "escape"
            and call.args
            and isinstance(call.args[0], ast.Constant)
        ):
            pattern: Any = call.args[0].value
            # These two begin at the beginning only.
            if isinstance(pattern, str) and call.func.attr in {"match", "fullmatch"}:
                pattern = rf"\A(?:{pattern})"
            yield re.compile(pattern, flags_in(call))


def flags_in(call: ast.Call) -> int:
    """Return the flags that a call names, whichever of its arguments names them."""
    names = [node.attr for node in ast.walk(call) if isinstance(node, ast.Attribute)]
    return sum({getattr(re, name) for name in names if isinstance(getattr(re, name, None), re.RegexFlag)})


def patterns_in(value: object) -> Iterator[re.Pattern[Any]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, tuple | list):
        for one in value:
            yield from patterns_in(one)


def takes_text_alone(function: Any) -> bool:
    """Whether a function wants strings or bytes only, and one of them is called as texts are."""
    needed = [one for one in inspect.signature(function).parameters.values() if one.default is one.empty]
    return all(one.annotation in {"str", "bytes"} for one in needed) and bool(TEXTS & {one.name for one in needed})


def functions() -> set[str]:
    found: set[str] = set()
    for module in modules():
        for name, value in vars(module).items():
            is_own = inspect.isfunction(value) and value.__module__ == module.__name__
            if is_own and not name.startswith("_") and takes_text_alone(value):
                found.add(f"{module.__name__}.{name}")
    return found


def test_a_quadratic_pattern_is_found() -> None:
    assert steepest(re.compile(r"\s*#").findall, (" ",))
    assert not steepest(re.compile(r"\s+#?").findall, (" ",))


def test_a_pattern_inside_a_function_is_found(tmp_path: Path) -> None:
    module = ModuleType("inside")
    module.__file__ = str(tmp_path / "inside.py")
    Path(module.__file__).write_text("def f(x):\n    return re.sub(r'\\s*#', '', x, flags=re.I | re.M)\n")
    (found,) = written_inside(module)
    assert (found.pattern, found.flags & (re.I | re.M)) == (r"\s*#", re.I | re.M)


def test_no_pattern_repeats_what_overlaps() -> None:
    """Wherever a pattern is used, it may meet any text at any place: anchor it with \\A if it never does."""
    slow: dict[str | bytes, Any] = {}
    for key, pattern in patterns().items():
        search = pattern.findall if isinstance(key, str) else lambda text, one=pattern: one.findall(text.encode())
        if found := steepest(search):
            slow[key] = found
    assert slow == {}


@pytest.mark.parametrize("name", [*PURE, *OTHERS])
def test_a_function_of_text_takes_its_share_of_time(name: str) -> None:
    length = SHORTER if name in OF_MANY_STEPS else LENGTH
    assert steepest(quietly({**PURE, **OTHERS}[name]), frames=(("# a", "b"),), length=length) == {}


def test_normal_forms_are_made_in_one_place() -> None:
    """Python's own function takes time that grows with the square of the marks in a row."""
    called = "unicodedata.normalize("
    makers = [module.__name__ for module in modules() if called in Path(str(module.__file__)).read_text("utf-8")]
    assert makers == ["chatcms.core.text.safety"]


def test_every_function_of_text_is_measured() -> None:
    assert functions() - set(PURE) - set(NOT_OF_LENGTH) == set()
