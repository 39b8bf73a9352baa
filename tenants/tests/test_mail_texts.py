"""Tests that nobody's words pass for the product's in a mail, whichever template they are put into."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from tenants.services import mail

KINDS = sorted(path.stem for path in (Path(settings.BASE_DIR) / "templates" / "emails").glob("*.txt"))
# What a template can be given that nobody chooses; every other name in it is somebody's words.
OURS = {
    "link": mail.Ours("https://cms.example/here"),
    "token": mail.Ours("p3Qm"),
    "email": mail.Ours("ada@acme.example"),
    "role": mail.Ours("editor"),
    "inviter": mail.Ours("ada@acme.example"),
    "staff": mail.Ours("clerk@platform.example"),
    "person": mail.Ours("ada@acme.example"),
    "happened": mail.Ours("something"),
    "expires_at": datetime(2026, 2, 1, tzinfo=UTC),
    "ends_at": datetime(2026, 2, 1, tzinfo=UTC),
    "minutes": 60,
    "asked": True,
    "domain": mail.Ours("chat.acme.example"),
    "url": mail.Ours("https://hooks.example/x"),
}
HOSTILE = [
    "Your account is locked, sign in at https://evil.example/login now",
    "evil.example",
    "www.evil.example/reset?id=1",
    "mail support@evil.example",
    "Acme\r\nBcc: everybody@evil.example\r\n\r\nA body of its own",
    "Acme\u2028Another line\u0085and another\x0bone more\x00",
    "\u202egnp.exe\u2066 turned \u200e\u200f\u061c about",
    "A” – an urgent message from the bank “",
    "a" * 5000,
    "ｅｖｉｌ．ｅｘａｍｐｌｅ fullwidth",
    "evil。example ideographic",
    "java\u00adscript\u200b:\ufeff//evil.example",
    "<a href='https://evil.example'>Click</a>",
]
_VARIABLE = re.compile(r"{{\s*(\w+)|{%\s*if (\w+)")


def _variables(kind: str) -> set[str]:
    text = (Path(settings.BASE_DIR) / "templates" / "emails" / f"{kind}.txt").read_text()
    return {name for pair in _VARIABLE.findall(text) for name in pair if name}


def _composed(kind: str, words: str) -> tuple[str, str]:
    context: dict[str, Any] = {name: OURS.get(name, words) for name in _variables(kind)}
    message = mail.compose(kind, to="ada@acme.example", **context)
    return str(message.subject), str(message.body)


def test_there_are_mails() -> None:
    assert {"invitation", "access_grant", "password_reset"} <= set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("words", HOSTILE)
def test_words_of_others_are_no_links_and_no_lines_of_their_own(kind: str, words: str) -> None:
    subject, body = _composed(kind, words)
    plain_subject, plain_body = _composed(kind, "Acme")
    assert len(subject) <= len(plain_subject) + mail.MAX_NAME + 20
    assert body.count("\n") == plain_body.count("\n")
    for text, plain in ((subject, plain_subject), (body, plain_body)):
        links = re.findall(r"https?://\S+|\w+@\w[\w.]*|\w+\.\w{2,}", text)
        assert set(links) == set(re.findall(r"https?://\S+|\w+@\w[\w.]*|\w+\.\w{2,}", plain))
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\u061c]", text)


@pytest.mark.parametrize("kind", KINDS)
def test_words_of_others_are_in_quotation_marks_that_they_cannot_close(kind: str) -> None:
    for text in _composed(kind, 'XX ” XX “ XX " XX'):
        quoted = re.findall(r"“[^“”]*”", text)
        assert text.count("XX") == sum(part.count("XX") for part in quoted)


@pytest.mark.parametrize("kind", KINDS)
def test_a_subject_says_what_it_is_about_whatever_the_name(kind: str) -> None:
    subject, _ = _composed(kind, "")
    assert len(subject.replace("“”", "").split()) >= 4


@pytest.mark.parametrize("name", ["Müller & Söhne", "北京分公司", "شركة", "Acme Inc", "O'Neill", "C++ / Rust"])
def test_ordinary_names_stay_as_they_are(name: str) -> None:
    assert mail.quotable(name) == name
