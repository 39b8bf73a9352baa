"""Text of which nothing can be seen is as empty as none, in requests, in forms and where services take it."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from chatcms.core.api import serializers
from chatcms.core.pages.forms import TextField
from chatcms.core.text.safety import PATTERN_OF_SEEN, seen

UNSEEN = {
    "nothing": "",
    "spaces": " \t\r\n\v\f\x1c\x85\xa0\u1680\u2003\u2028\u2029\u202f\u205f\u3000",
    "controls": "\x00\x01\x07\x1b\x7f\x9f",
    "zero-width": "\u200b\u200c\u200d\u2060\ufeff",
    "directions": "\u200e\u200f\u061c\u202a\u202e\u2066\u2069",
    "soft-hyphen": "\xad\u034f\u180e",
    "invisible-operators": "\u2061\u2062\u2063\u2064\u206a\u206f",
    "hangul-fillers": "\u115f\u1160\u3164\uffa0",
    "khmer-and-mongolian": "\u17b4\u17b5\u180b\u180f",
    "braille-blank": "\u2800 \u2800",
    "selectors": "\ufe00\ufe0f\U000e0100\U000e01ef",
    "tags": "\U000e0001\U000e0041\U000e007f",
    "annotations": "\ufff9\ufffa\ufffb\ufffc",
    "no-characters": "\uffff\ufffe",
    "music": "\U0001d159\U0001d173\U0001d17a",
    "hieroglyphs": "\U00013430\U0001343f",
    "mixed": " \u200b\n\u2060\u3164\U000e0020\xad ",
}
SEEN = [
    "a",
    ".",
    "?",
    "é",
    "e\u0301",
    "ن\u200cی",
    "한",
    "ก",
    "👩\u200d👧",
    "❤\ufe0f",
    "🏴\U000e0067",
    "\u200b0",
    "⠁",
    "۝",
    "\ufffd",
]


@pytest.mark.parametrize("text", UNSEEN.values(), ids=UNSEEN)
def test_text_without_anything_to_see_is_empty(text: str) -> None:
    assert seen(text) == ""


@pytest.mark.parametrize("text", SEEN)
def test_text_with_something_to_see_stays_as_it_is(text: str) -> None:
    assert seen(text) == text
    assert seen(f" {text}\u200b ") == f"{text}\u200b"
    assert re.search(PATTERN_OF_SEEN, text)


def test_every_space_control_and_format_is_unseen_but_the_few_that_are_drawn() -> None:
    drawn = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
    for sign in map(chr, range(0x110000)):
        if unicodedata.category(sign) in {"Cc", "Cf", "Zs", "Zl", "Zp"}:
            assert bool(seen(sign)) is (sign in drawn), hex(ord(sign))


class _Asked(serializers.Serializer[Any]):
    question = serializers.CharField(max_length=100)
    note = serializers.CharField(allow_blank=True, required=False)
    secret = serializers.CharField(trim_whitespace=False, required=False)


@pytest.mark.parametrize("text", UNSEEN.values(), ids=UNSEEN)
def test_a_request_without_anything_to_see_is_blank(text: str) -> None:
    body = _Asked(data={"question": text})
    assert not body.is_valid()
    assert body.errors["question"][0].code == "blank"


def test_a_request_may_leave_blank_what_may_be_blank_and_hold_what_is_not_trimmed() -> None:
    body = _Asked(data={"question": " Is it\u200b? ", "note": "\u200b", "secret": "\u2800"})
    assert body.is_valid()
    assert body.validated_data == {"question": "Is it\u200b?", "note": "", "secret": "\u2800"}


@pytest.mark.parametrize("text", [UNSEEN["mixed"], UNSEEN["tags"], UNSEEN["hangul-fillers"]])
def test_a_form_without_anything_to_see_is_blank(text: str) -> None:
    assert TextField(required=False).clean(text) == ""
    with pytest.raises(ValidationError, match="required"):
        TextField().clean(text)
    assert TextField().clean(" Is it? ") == "Is it?"
