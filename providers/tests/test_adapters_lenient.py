"""What vendors send in forms of their own is read all the same, streamed and whole."""

from __future__ import annotations

import gzip
import json
import zlib
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.adapters._lenient import CharacterJoiner, count, loads
from providers.messages import Part, RefusalPart, TextPart, ThinkingPart, ToolCallPart
from providers.tests.adapter_kit import REMOTE, Subject, listen, of, vendor_of
from providers.tests.fake_scripts import EVENTS, JSON, Reply
from providers.tests.fake_wire import Answer, Vendor, head, tail, token, whole

OPENAI = ("openai_compatible",)


def event(document: Any) -> bytes:
    return b"data: " + json.dumps(document).encode() + b"\n\n"


def stream(*choices: dict[str, Any]) -> Reply:
    """A stream of chunks with one choice each, its reason, and its last mark."""
    chunks = [event({"choices": [{"index": 0, **choice}]}) for choice in choices]
    return Reply(
        (*chunks, event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}), b"data: [DONE]\n\n")
    )


def document(message: dict[str, Any], **choice: Any) -> Reply:
    body = {"choices": [{"index": 0, "message": message, "finish_reason": "stop", **choice}]}
    return Reply((json.dumps(body).encode(),), headers=JSON)


async def parts_of(subject: Subject, *replies: Reply) -> list[list[Part]]:
    """What is made of each answer."""
    found = []
    for reply in replies:
        subject.fake.script("scripted", reply)
        heard = await listen(subject.adapter(), subject.request("scripted"))
        assert heard.finished
        found.append(heard.parts)
    return found


LISTS: dict[str, tuple[Any, list[Part]]] = {
    "text": ([{"type": "text", "text": "The "}, {"type": "text", "text": "end."}], [TextPart("The end.")]),
    "strings": (["The ", "end."], [TextPart("The end.")]),
    "object": ({"type": "text", "text": "The end."}, [TextPart("The end.")]),
    "value": ([{"type": "text", "text": {"value": "The end.", "annotations": []}}], [TextPart("The end.")]),
    "output": ([{"type": "output_text", "text": "The end."}], [TextPart("The end.")]),
    "thinking": (
        [
            {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]},
            {"type": "text", "text": "The end."},
        ],
        [ThinkingPart("Hm."), TextPart("The end.")],
    ),
    "reasoning": ([{"type": "reasoning", "text": "Hm."}, "The end."], [ThinkingPart("Hm."), TextPart("The end.")]),
    "reference": (
        [{"type": "text", "text": "The end."}, {"type": "reference", "reference_ids": [1, 2]}],
        [TextPart("The end.")],
    ),
    "refusal": ([{"type": "refusal", "refusal": "I will not."}], [RefusalPart("I will not.")]),
    "nothing": ([None, {}, 7.5, {"type": "image_url", "image_url": {"url": "x"}}], [TextPart("7.5")]),
}


@of(*OPENAI)
class TestOpenAI:
    @pytest.mark.parametrize("form", LISTS)
    async def test_content_may_be_a_list_of_parts(self, subject: Subject, form: str) -> None:
        content, expected = LISTS[form]
        for parts in await parts_of(subject, stream({"delta": {"content": content}}), document({"content": content})):
            assert parts == expected

    @pytest.mark.parametrize(
        "said",
        [
            {"delta": {"content": "The end."}},
            {"message": {"role": "assistant", "content": "The end."}},
            {"delta": {}, "message": {"content": "The end."}},
            {"delta": None, "text": "The end."},
            {"text": "The end."},
            {"delta": "The end."},
        ],
    )
    async def test_words_are_found_under_any_of_their_names(self, subject: Subject, said: dict[str, Any]) -> None:
        body = {"choices": [{**said, "finish_reason": "stop"}]}
        whole_answer = Reply((json.dumps(body).encode(),), headers=JSON)
        for parts in await parts_of(subject, stream(said), whole_answer):
            assert parts == [TextPart("The end.")]

    @pytest.mark.parametrize("name", ["reasoning_content", "reasoning", "thinking"])
    async def test_thoughts_are_found_under_any_of_their_names(self, subject: Subject, name: str) -> None:
        said = {name: "Hm.", "content": "The end."}
        for parts in await parts_of(subject, stream({"delta": said}), document(said)):
            assert parts == [ThinkingPart("Hm."), TextPart("The end.")]

    async def test_thoughts_told_twice_are_taken_once(self, subject: Subject) -> None:
        details = [{"type": "reasoning.text", "text": "Hm."}, {"type": "reasoning.encrypted", "data": "x"}]
        for said in ({"reasoning": "Hm.", "reasoning_details": details}, {"reasoning_details": details}):
            (parts,) = await parts_of(subject, stream({"delta": said}, {"delta": {"content": "The end."}}))
            assert parts == [ThinkingPart("Hm."), TextPart("The end.")]

    async def test_of_two_choices_the_first_is_the_answer(self, subject: Subject) -> None:
        both = [{"index": 1, "delta": {"content": "No"}}, {"index": 0, "delta": {"content": "The "}}]
        other = [{"index": 1, "delta": {"content": "no"}, "finish_reason": "length"}]
        last = [{"index": 0, "delta": {"content": "end."}, "finish_reason": "stop"}]
        (parts,) = await parts_of(subject, Reply(tuple(event({"choices": each}) for each in (both, other, last))))
        assert parts == [TextPart("The end.")]

    @pytest.mark.parametrize("index", [None, 1, "0", -1])
    async def test_a_choice_may_have_no_number_or_another(self, subject: Subject, index: Any) -> None:
        pieces = [event({"choices": [{"index": index, "delta": {"content": word}}]}) for word in ("The ", "end.")]
        last = event({"choices": [{"index": index, "delta": {}, "finish_reason": "stop"}]})
        (parts,) = await parts_of(subject, Reply((*pieces, last)))
        assert parts == [TextPart("The end.")]

    async def test_a_choice_may_get_its_number_later_and_be_no_list(self, subject: Subject) -> None:
        pieces = [{"delta": {"content": "The "}}, {"index": 0, "delta": {"content": "end."}, "finish_reason": "stop"}]
        (parts,) = await parts_of(subject, Reply(tuple(event({"choices": each}) for each in pieces)))
        assert parts == [TextPart("The end.")]

    async def test_the_whole_answer_after_its_pieces_is_not_said_again(self, subject: Subject) -> None:
        pieces = [event({"choices": [{"index": 0, "delta": {"content": word}}]}) for word in ("The ", "en")]
        last = event({"choices": [{"index": 0, "message": {"content": "The end."}, "finish_reason": "stop"}]})
        (parts,) = await parts_of(subject, Reply((*pieces, last)))
        assert parts == [TextPart("The end.")]

    @pytest.mark.parametrize(
        ("said", "reason"),
        [
            ("stop", "stop"),
            ("STOP", "stop"),
            ("eos", "stop"),
            ("MAX_TOKENS", "length"),
            ("model_length", "length"),
            ("SAFETY", "content_filter"),
            ("sensitive", "content_filter"),
            ("function_call", "tool_calls"),
        ],
    )
    async def test_a_reason_may_come_with_the_last_words(self, subject: Subject, said: str, reason: str) -> None:
        pieces = [
            event({"choices": [{"delta": {"content": "The "}, "finish_reason": ""}]}),
            event({"choices": [{"delta": {"content": "end."}, "finish_reason": "null"}]}),
            event({"choices": [{"delta": {"content": "!"}, "finish_reason": said}]}),
        ]
        subject.fake.script("scripted", Reply(tuple(pieces)))
        heard = await listen(subject.adapter(), subject.request("scripted"))
        assert (heard.text, heard.finished.reason) == ("The end.!", reason)

    @pytest.mark.parametrize(
        "place",
        [
            {"usage": {"prompt_tokens": 11, "completion_tokens": 7}},
            {"usage": {"prompt_tokens": "11", "completion_tokens": 7.0, "total_tokens": None}},
            {"usage": {"total_tokens": 18, "completion_tokens": 7, "prompt_tokens": None}},
            {"usage": {"input_tokens": 11, "output_tokens": 7}},
            {"usage": None, "x_groq": {"id": "r", "usage": {"prompt_tokens": 11, "completion_tokens": 7}}},
            {"choices": [{"delta": {}, "usage": {"prompt_tokens": 11, "completion_tokens": 7}}]},
            {"choices": [{"delta": {"usage": {"prompt_tokens": 11, "completion_tokens": 7}}}]},
        ],
    )
    async def test_usage_is_found_wherever_it_stands(self, subject: Subject, place: dict[str, Any]) -> None:
        words = event(
            {"choices": [{"delta": {"content": "Hi"}}], "usage": {"prompt_tokens": 0, "completion_tokens": 0}}
        )
        zero = event(
            {"choices": [], "usage": {"prompt_tokens": None, "prompt_tokens_details": [], "completion_tokens": 0}}
        )
        end = event({"choices": [{"delta": {}, "finish_reason": "stop"}]})
        subject.fake.script("scripted", Reply((words, event(place), end, zero, b"data: [DONE]\n\n")))
        usage = (await listen(subject.adapter(), subject.request("scripted"))).finished.usage
        assert usage is not None
        assert (usage.input_tokens, usage.output_tokens, usage.estimated) == (11, 7, False)

    @pytest.mark.parametrize(
        "calls",
        [
            [{"index": 0, "id": "a", "function": {"name": "f", "arguments": {"x": [1, "é"]}}}],
            [{"id": "a", "function": {"name": "f", "arguments": '{"x":[1,"é"]}'}}],
            {"index": "0", "id": "a", "type": "function", "function": {"name": "f", "arguments": {"x": [1, "é"]}}},
        ],
    )
    async def test_arguments_may_be_an_object(self, subject: Subject, calls: Any) -> None:
        said = {"content": None, "tool_calls": calls}
        for (call,) in await parts_of(subject, stream({"delta": said}), document(said)):
            assert isinstance(call, ToolCallPart)
            assert (call.id, call.name, json.loads(call.arguments)) == ("a", "f", {"x": [1, "é"]})

    async def test_calls_without_numbers_are_told_apart(self, subject: Subject) -> None:
        first = [{"id": "a", "function": {"name": "f", "arguments": "{"}}]
        more = [{"id": "a", "function": {"arguments": "}"}}]
        other = [{"id": "b", "function": {"name": "g", "arguments": "{}"}}]
        (parts,) = await parts_of(subject, stream(*({"delta": {"tool_calls": each}} for each in (first, more, other))))
        assert parts == [ToolCallPart("a", "f", "{}"), ToolCallPart("b", "g", "{}")]

    async def test_the_older_form_of_a_call_is_read(self, subject: Subject) -> None:
        said = {"function_call": {"name": "f", "arguments": "{}"}}
        for (call,) in await parts_of(subject, stream({"delta": said}), document(said)):
            assert isinstance(call, ToolCallPart)
            assert (call.name, call.arguments) == ("f", "{}")

    async def test_events_without_an_empty_line_between_them_are_told_apart(self, subject: Subject) -> None:
        lines = [event({"choices": [{"delta": {"content": word}}]}).strip() for word in ("The ", "end.")]
        end = event({"choices": [{"delta": {}, "finish_reason": "stop"}]}).strip()
        (parts,) = await parts_of(subject, Reply((b"\n".join([*lines, end, b"data: [DONE]"]),)))
        assert parts == [TextPart("The end.")]


@of("anthropic")
class TestAnthropic:
    @pytest.mark.parametrize(
        "content", ["The end.", ["The end."], [{"text": "The end."}], [None, {"type": "text", "text": "The end."}]]
    )
    async def test_a_whole_answer_may_hold_plain_words(self, subject: Subject, content: Any) -> None:
        body = {"type": "message", "content": content, "stop_reason": None, "usage": {"input_tokens": "11"}}
        (parts,) = await parts_of(subject, Reply((json.dumps(body).encode(),), headers=JSON))
        assert parts == [TextPart("The end.")]

    async def test_events_that_lack_members_are_passed_over(self, subject: Subject) -> None:
        events: list[Any] = [
            {"type": "message_start"},
            {"type": "message_start", "message": {"usage": {"input_tokens": "11", "output_tokens": None}}},
            {"type": "content_block_start"},
            {"type": "content_block_start", "index": None, "content_block": None},
            {"type": "content_block_delta", "delta": {"text": "The "}},
            {"type": "content_block_delta", "delta": None},
            {"type": "content_block_delta", "delta": {"type": "citations_delta", "citation": {}}},
            {"type": "content_block_delta", "delta": {"type": "text_delta", "text": None}},
            {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "end."}},
            {"type": "message_delta", "usage": None},
            {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 7.0}},
        ]
        subject.fake.script("scripted", Reply((*map(event, events), b"data: [DONE]\n\n")))
        heard = await listen(subject.adapter(), subject.request("scripted"))
        assert heard.parts == [TextPart("The end.")]
        assert heard.finished.usage is not None
        assert (heard.finished.usage.input_tokens, heard.finished.usage.output_tokens) == (11, 7)

    async def test_the_input_of_a_tool_may_be_a_text(self, subject: Subject) -> None:
        block = {"type": "tool_use", "id": "a", "name": "f", "input": '{"x":1}'}
        body = {"type": "message", "content": [block], "stop_reason": "tool_use"}
        (parts,) = await parts_of(subject, Reply((json.dumps(body).encode(),), headers=JSON))
        assert parts == [ToolCallPart("a", "f", '{"x":1}')]


def scripted(vendor: Vendor, *texts: str) -> bytes:
    answer = Answer("scripted", texts)
    pieces = [head(vendor, answer), *(token(vendor, "scripted", text) for text in texts)]
    return b"".join([*pieces, tail(vendor, answer, usage_asked=True)])


def with_halves(data: bytes) -> bytes:
    """Write every @D83D@ as the half of a character that JSON escapes."""
    return data.replace(b"@D83D@", b"\\ud83d").replace(b"@DE00@", b"\\ude00")


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(data) + packer.flush()


def encoded(name: str) -> tuple[tuple[str, str], ...]:
    return (*EVENTS, ("content-encoding", name))


@of(*REMOTE)
class TestEveryVendor:
    @pytest.mark.parametrize(
        ("texts", "expected"),
        [
            (("Hi @D83D@", "@DE00@ there"), "Hi 😀 there"),
            (("Hi @D83D@", " there"), "Hi \ufffd there"),
            (("Hi @DE00@ there", "@D83D@"), "Hi \ufffd there\ufffd"),
            (("@D83D@@D83D@", "@DE00@"), "\ufffd😀"),
        ],
    )
    async def test_halves_of_characters_are_joined_or_replaced(
        self, subject: Subject, texts: tuple[str, ...], expected: str
    ) -> None:
        vendor = vendor_of(subject)
        streamed = Reply((with_halves(scripted(vendor, *texts)),))
        document = Reply((with_halves(whole(vendor, Answer("scripted", texts))),), headers=JSON)
        for parts in await parts_of(subject, streamed, document):
            assert parts == [TextPart(expected)]

    async def test_bytes_that_are_no_utf_8_are_replaced_and_those_that_were_cut_are_joined(
        self, subject: Subject
    ) -> None:
        vendor = vendor_of(subject)
        cut = scripted(vendor, "Caf@1@", "@2@ cr@3@me").replace(b"@1@", b"\xc3").replace(b"@2@", b"\xa9")
        for parts in await parts_of(subject, Reply((cut.replace(b"@3@", b"\xe8"),))):
            assert parts == [TextPart("Café cr\ufffdme")]

    @pytest.mark.parametrize("headers", [(), JSON, (("content-type", "text/html"),), (("content-type", ""),)])
    async def test_the_type_of_an_answer_makes_no_difference(
        self, subject: Subject, headers: tuple[tuple[str, str], ...]
    ) -> None:
        vendor = vendor_of(subject)
        document = whole(vendor, Answer("scripted", ("The end.",)))
        replies = [Reply((scripted(vendor, "The ", "end."),), headers=headers), Reply((document,), headers=headers)]
        for parts in await parts_of(subject, *replies):
            assert parts == [TextPart("The end.")]

    @pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
    @pytest.mark.parametrize("before", [b"", b"\xef\xbb\xbf", b"\n\n", b": hello\n\n"])
    async def test_lines_end_and_begin_as_they_like(self, subject: Subject, end: bytes, before: bytes) -> None:
        vendor = vendor_of(subject)
        data = (before + scripted(vendor, "The ", "end.")).replace(b"\n", end).replace(b"data: ", b"data:")
        document = before.replace(b": hello\n\n", b" ") + whole(vendor, Answer("scripted", ("The end.",)))
        pieces = tuple(bytes([byte]) for byte in data[:5])
        for parts in await parts_of(subject, Reply((*pieces, data[5:])), Reply((document,))):
            assert parts == [TextPart("The end.")]

    @pytest.mark.parametrize(
        ("name", "pack"),
        [("gzip", gzip.compress), ("x-gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", raw_deflate)],
    )
    async def test_a_compressed_answer_is_unpacked(self, subject: Subject, name: str, pack: Any) -> None:
        vendor = vendor_of(subject)
        packed = pack(scripted(vendor, "The ", "end."))
        document = pack(whole(vendor, Answer("scripted", ("The end.",))))
        replies = [Reply((packed[:20], packed[20:]), headers=encoded(name)), Reply((document,), headers=encoded(name))]
        for parts in await parts_of(subject, *replies):
            assert parts == [TextPart("The end.")]

    async def test_data_may_be_announced_twice(self, subject: Subject) -> None:
        data = scripted(vendor_of(subject), "The ", "end.").replace(b"data: ", b"data: data: ")
        (parts,) = await parts_of(subject, Reply((data,)))
        assert parts == [TextPart("The end.")]


@given(st.text(max_size=20), st.sets(st.integers(0, 80), max_size=8))
def test_a_text_cut_between_any_bytes_is_whole_again(text: str, cuts: set[int]) -> None:
    data = json.dumps(text, ensure_ascii=False)[1:-1].encode().replace(b"\\", b"/").replace(b'"', b"'")
    edges = sorted({0, *(cut for cut in cuts if cut < len(data)), len(data)})
    joiner = CharacterJoiner()
    pieces = [joiner.feed(loads(b'"' + data[a:b] + b'"')) for a, b in pairwise(edges)]
    assert "".join(pieces) + joiner.finish() == data.decode()


@given(st.lists(st.text(st.characters(codec=None, max_codepoint=0x1FFFF)), max_size=5))
def test_every_text_that_comes_out_can_be_sent_on(pieces: list[str]) -> None:
    joiner = CharacterJoiner()
    said = "".join([joiner.feed(piece) for piece in pieces] + [joiner.finish()])
    assert said.encode().decode() == said


@pytest.mark.parametrize(
    ("value", "number"),
    [(3, 3), (3.9, 3), ("3", 3), ("3.0", 3), (None, 0), (True, 0), (-1, 0), ("many", 0), (float("nan"), 0), ([], 0)],
)
def test_a_count_may_come_in_any_form(value: Any, number: int) -> None:
    assert count(value) == number


@pytest.mark.parametrize("data", [b'{"a": ', b"", b"[" * 200_000, b"nonsense"])
def test_what_is_no_json_is_a_value_error(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"Expecting|too deep"):
        loads(data)
