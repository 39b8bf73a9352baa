"""A finished answer stays finished, whatever follows its reason or fails to; what says nothing is passed over."""

from __future__ import annotations

import orjson
import pytest

from providers import exceptions as errors
from providers.messages import TextPart
from providers.tests.adapter_kit import REMOTE, Subject, listen, of, vendor_of
from providers.tests.fake_scripts import EVENTS, JSON, Reply, Then
from providers.tests.fake_wire import Answer, Piece, Vendor, head, piece, tail, token, whole
from providers.types import Timeouts

WORDS = ("The ", "answer.")
NOTHING = {
    "null": b"data: null\n\n",
    "empty": b"data:\n\n",
    "object": b"data: {}\n\n",
    "list": b"data: []\n\n",
    "text": b'data: "ping"\n\n',
    "number": b"data: 1\n\n",
    "comment": b": keep-alive\n\n",
    "ping": b'event: ping\ndata: {"type": "ping"}\n\n',
    "unknown": b'event: news\ndata: {"type": "news", "news": [1]}\n\n',
    "choices-null": b'data: {"id": "c", "choices": null, "usage": null}\n\n',
    "choices-empty": b'data: {"choices": []}\n\n',
    "choice-null": b'data: {"choices": [null]}\n\n',
    "delta-null": b'data: {"choices": [{"index": 0, "delta": null, "finish_reason": null}]}\n\n',
    "error-null": b'data: {"error": null, "choices": []}\n\n',
    "error-empty": b'data: {"error": {"message": "", "code": null}, "choices": []}\n\n',
    "blank-lines": b"\n\n\n",
    "id-only": b"id: 7\nretry: 10\n\n",
}
AFTER = NOTHING | {
    "usage-choices-null": b'data: {"choices": null, "usage": {"prompt_tokens": 11, "completion_tokens": 7}}\n\n',
    "usage-no-choices": b'data: {"usage": {"prompt_tokens": 11, "completion_tokens": 7}}\n\n',
    "malformed": b'data: {"choices": [{"del\n\n',
    "html": b"data: <html>\n\n",
    "error": b'data: {"error": {"message": "boom", "code": 500}}\n\n',
    "error-type": b'event: error\ndata: {"type": "error", "error": {"type": "overloaded_error"}}\n\n',
    "error-object": b'data: {"object": "error", "message": "boom", "code": 400}\n\n',
    "wrong-types": b'data: {"choices": {"delta": []}, "delta": 7, "type": "content_block_delta", "usage": "many"}\n\n',
    "bytes": b"data: \xff\xfe\xfa\n\n",
    "half-an-event": b'data: {"choi',
}


def begun(vendor: Vendor) -> list[bytes]:
    answer = Answer("scripted", WORDS)
    return [head(vendor, answer), *(token(vendor, "scripted", word) for word in WORDS)]


def ended(vendor: Vendor) -> bytes:
    """The reason, and nothing after it."""
    return tail(vendor, Answer("scripted", WORDS, usage=False, done=False), usage_asked=False)


@of(*REMOTE)
@pytest.mark.parametrize(
    ("after", "then"),
    [
        *((after, "close") for after in AFTER),
        ("", "reset"),
        ("half-an-event", "reset"),
        ("", "hang"),
        ("error", "hang"),
    ],
)
async def test_nothing_makes_a_failure_of_an_answer_that_has_ended(subject: Subject, after: str, then: Then) -> None:
    vendor = vendor_of(subject)
    pieces = [*begun(vendor), ended(vendor), AFTER.get(after, b"")]
    subject.fake.script("scripted", Reply(tuple(pieces), then=then))
    heard = await listen(subject.adapter(), subject.request("scripted"))
    assert heard.finished.reason == "stop"
    assert heard.parts == [TextPart("The answer.")]


@of(*REMOTE)
async def test_all_of_it_at_once_after_the_end_and_in_one_read(subject: Subject) -> None:
    vendor = vendor_of(subject)
    subject.fake.script("scripted", Reply((b"".join([*begun(vendor), ended(vendor), *AFTER.values()]),)))
    heard = await listen(subject.adapter(), subject.request("scripted"))
    assert heard.finished.reason == "stop"
    assert heard.text == "The answer."


@of(*REMOTE)
async def test_comments_without_end_do_not_hold_a_finished_answer(subject: Subject) -> None:
    vendor = vendor_of(subject)
    pings = tuple(piece for _ in range(400) for piece in (b": ping\n\n", 0.05))
    subject.fake.script("scripted", Reply((*begun(vendor), ended(vendor), *pings), then="hang"))
    heard = await listen(subject.adapter(), subject.request("scripted"))
    assert heard.finished.reason == "stop"


@of("openai", "openai_compatible")
async def test_words_and_usage_after_the_reason_still_count(subject: Subject) -> None:
    early = [b'data: {"choices": [{"delta": {"content": "The "}, "finish_reason": "length"}]}\n\n']
    late = [b'data: {"choices": [{"delta": {"content": "answer."}}]}\n\n', AFTER["usage-no-choices"]]
    subject.fake.script("scripted", Reply((*early, *late), then="hang"))
    heard = await listen(subject.adapter(), subject.request("scripted"))
    assert (heard.text, heard.finished.reason) == ("The answer.", "length")
    assert heard.finished.usage is not None
    assert (heard.finished.usage.input_tokens, heard.finished.usage.estimated) == (11, False)


@of(*REMOTE)
@pytest.mark.parametrize("nothing", NOTHING)
async def test_what_says_nothing_is_passed_over_before_the_end_too(subject: Subject, nothing: str) -> None:
    vendor, said = vendor_of(subject), NOTHING[nothing]
    first, *rest = begun(vendor)
    words = [piece for each in rest for piece in (each, said)]
    subject.fake.script("scripted", Reply((said, first, said, *words, said + ended(vendor))))
    heard = await listen(subject.adapter(), subject.request("scripted"))
    assert heard.finished.reason == "stop"
    assert heard.text == "The answer."


@of(*REMOTE)
@pytest.mark.parametrize("wrong", ["malformed", "error", "error-type", "error-object", "html"])
async def test_before_the_end_what_is_wrong_is_a_failure(subject: Subject, wrong: str) -> None:
    vendor = vendor_of(subject)
    subject.fake.script("scripted", Reply((*begun(vendor), AFTER[wrong], ended(vendor))))
    heard = await listen(subject.adapter(), subject.request("scripted"))
    assert type(heard.error) is errors.ProviderStreamInterrupted
    assert heard.text == "The answer."


@of(*REMOTE)
@pytest.mark.parametrize("then", ["reset", "hang", "close"])
async def test_a_whole_document_is_whole_however_its_connection_ends(subject: Subject, then: Then) -> None:
    document = whole(vendor_of(subject), Answer("scripted", WORDS))
    headers = (*JSON, ("content-length", str(len(document) + 5))) if then == "close" else JSON
    subject.fake.script("scripted", Reply((b" \n", document[:50], document[50:]), headers=headers, then=then))
    heard = await listen(subject.adapter(), subject.request("scripted"))
    assert heard.finished.reason == "stop"
    assert heard.text == "The answer."


@of(*REMOTE)
async def test_half_a_document_is_no_answer(subject: Subject) -> None:
    document = whole(vendor_of(subject), Answer("scripted", WORDS))
    subject.fake.script("scripted", Reply((document[:-20],), headers=JSON))
    heard = await listen(subject.adapter(), subject.request("scripted"))
    assert type(heard.error) is errors.ProviderBadResponse


@of(*REMOTE)
@pytest.mark.parametrize(
    "document", [{"error": {"message": "Insufficient credits", "code": 402}}, [{"error": "x"}], {}]
)
async def test_a_document_that_is_no_answer_is_an_error(subject: Subject, document: object) -> None:
    subject.fake.script("scripted", Reply((orjson.dumps(document),), headers=JSON))
    heard = await listen(subject.adapter(), subject.request("scripted"))
    assert isinstance(heard.error, errors.ProviderError)
    if document and isinstance(document, dict):
        assert type(heard.error) is errors.ProviderQuotaExceeded


@of(*REMOTE)
class TestPatience:
    """What counts as a sign of life, and what is said when the time is up."""

    ENOUGH = Timeouts(first_token=1.0, between_chunks=1.0)
    SHORT = Timeouts(first_token=0.2)

    async def test_comments_and_pings_are_signs_of_life_before_the_first_word(self, subject: Subject) -> None:
        vendor = vendor_of(subject)
        signs = tuple(piece for _ in range(5) for piece in (b": still reading\n\n", 0.25))
        subject.fake.script("scripted", Reply((*signs, *begun(vendor), ended(vendor))))
        heard = await listen(subject.adapter(timeouts=self.ENOUGH), subject.request("scripted"))
        assert heard.text == "The answer."

    async def test_thoughts_and_comments_are_signs_of_life_in_the_middle(self, subject: Subject) -> None:
        vendor = vendor_of(subject)
        thought = b"".join(piece(vendor, "scripted", 0, Piece("thinking", ("Hm.",), signature="s")))
        signs = tuple(sign for _ in range(3) for sign in (thought, 0.25, b": working\n\n", 0.25))
        subject.fake.script("scripted", Reply((*signs, *begun(vendor), ended(vendor))))
        heard = await listen(subject.adapter(timeouts=self.ENOUGH), subject.request("scripted"))
        assert heard.text == "The answer."

    @pytest.mark.parametrize(
        ("said", "timeouts", "stage", "sentence"),
        [
            ((), SHORT, "first_token", "still reading the prompt"),
            ((b": reading\n\n",), SHORT, "first_token", "still reading the prompt"),
            ((b": reading\n\n",), Timeouts(total=0.2), "total", "still reading the prompt"),
            (None, Timeouts(between_chunks=0.2), "between_chunks", "fell silent in the middle"),
            (None, Timeouts(total=2.0), "total", "longer than allowed"),
        ],
    )
    async def test_the_sentence_says_what_helps(
        self, subject: Subject, said: tuple[bytes, ...] | None, timeouts: Timeouts, stage: str, sentence: str
    ) -> None:
        pieces = tuple(begun(vendor_of(subject))) if said is None else said
        subject.fake.script("scripted", Reply((*pieces, 0.01), headers=EVENTS, then="hang"))
        heard = await listen(subject.adapter(timeouts=timeouts), subject.request("scripted"))
        assert isinstance(heard.error, errors.ProviderTimeout)
        assert heard.error.stage == stage
        assert sentence in heard.error.detail
        assert "llow " in heard.error.detail

    async def test_a_provider_that_sends_nothing_at_all_may_be_loading(self, subject: Subject) -> None:
        heard = await listen(subject.adapter(timeouts=self.SHORT), subject.request("hang"))
        assert isinstance(heard.error, errors.ProviderTimeout)
        assert "loading the model or reading the prompt" in heard.error.detail
