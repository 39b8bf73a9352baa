"""Parts are stored as they are and read strictly."""

from __future__ import annotations

from typing import Any

import pytest

from providers.messages import (
    FilePart,
    ImagePart,
    Message,
    Part,
    PartsError,
    RefusalPart,
    TextPart,
    ThinkingPart,
    ToolCallPart,
    ToolResultPart,
    dump_parts,
    load_parts,
)

PARTS: tuple[Part, ...] = (
    TextPart("Hello."),
    ImagePart("image/png", b"\x89PNG", detail="low"),
    ImagePart(url="https://pictures.example/cat.png"),
    FilePart("a.pdf", "application/pdf", b"%PDF"),
    ToolCallPart("call_1", "lookup", '{"city": "Paris"}'),
    ToolResultPart("call_1", "Sunny.", is_error=True),
    RefusalPart("I will not."),
    ThinkingPart("Hm.", "signed"),
    ThinkingPart("", redacted="sealed"),
)


def test_every_part_is_read_as_it_was_written() -> None:
    assert load_parts(dump_parts(PARTS)) == PARTS


def test_a_stored_part_names_its_type_and_leaves_out_what_is_not_set() -> None:
    assert dump_parts(PARTS[:3]) == [
        {"type": "text", "text": "Hello."},
        {"type": "image", "media_type": "image/png", "data": "iVBORw==", "detail": "low"},
        {"type": "image", "url": "https://pictures.example/cat.png"},
    ]


@pytest.mark.parametrize(
    "stored",
    [
        "text",
        {"type": "text", "text": "a"},
        [{"type": "video"}],
        [{"text": "a"}],
        ["a"],
        [{"type": "text"}],
        [{"type": "text", "text": 7}],
        [{"type": "text", "text": "a", "colour": "red"}],
        [{"type": "image", "data": "not base64!"}],
        [{"type": "image", "url": "https://x", "detail": "huge"}],
        [{"type": "tool_result", "call_id": "1", "text": "a", "is_error": "yes"}],
    ],
)
def test_anything_else_is_refused(stored: Any) -> None:
    with pytest.raises(PartsError):
        load_parts(stored)


def test_the_words_of_a_message_are_those_of_its_texts() -> None:
    message = Message("assistant", (ThinkingPart("Hm."), TextPart("One, "), RefusalPart("no"), TextPart("two.")))
    assert message.text == "One, two."
    assert not message.is_text
    assert Message.of("user", "Hello.").is_text


def test_no_bytes_are_shown_in_a_message() -> None:
    assert "PNG" not in repr(Message("user", PARTS))
