"""Vectors are read in all the forms that servers send, and batches that are too large are halved."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import pytest

from providers import exceptions as errors
from providers.tests.adapter_kit import Subject, of
from providers.tests.fake_scripts import Reply, says

VECTORS = [[0.5, -1.0, 2.0], [1.5, 0.25, -3.0], [2.5, 4.0, 0.125]]
PACKED = [base64.b64encode(np.array(vector, dtype="<f4").tobytes()).decode() for vector in VECTORS]
ROWS: dict[str, Any] = {
    "usual": {"data": [{"index": n, "embedding": v} for n, v in enumerate(VECTORS)]},
    "reversed": {"data": [{"index": n, "embedding": v} for n, v in reversed(list(enumerate(VECTORS)))]},
    "no-index": {"data": [{"embedding": v} for v in VECTORS]},
    "index-null": {"data": [{"index": None, "embedding": v} for v in VECTORS]},
    "index-0": {"data": [{"index": 0, "embedding": v} for v in VECTORS]},
    "without-0": {"data": [{"index": n, "embedding": v} if n else {"embedding": v} for n, v in enumerate(VECTORS)]},
    "from-1": {"data": [{"index": str(n), "embedding": v} for n, v in enumerate(VECTORS, 1)]},
    "base64": {"data": [{"index": n, "embedding": v} for n, v in enumerate(PACKED)]},
    "nested": {"data": [{"index": n, "embedding": [v]} for n, v in enumerate(VECTORS)]},
    "embeddings": {"embeddings": VECTORS},
    "by-form": {"embeddings": {"float": VECTORS}},
    "values": {"data": [{"embedding": {"values": v}} for v in VECTORS]},
    "bare": [{"index": n, "embedding": [v]} for n, v in enumerate(VECTORS)],
    "vectors": VECTORS,
    "as-text": {"data": [{"embedding": list(map(str, v))} for v in VECTORS]},
}


@of("openai_compatible")
class TestVectors:
    @pytest.mark.parametrize("form", ROWS)
    async def test_each_form_of_a_vector_is_read(self, subject: Subject, form: str) -> None:
        subject.fake.script("scripted", says(ROWS[form]))
        assert await subject.adapter().embed(model="scripted", texts=["a", "b", "c"], kind="passage") == VECTORS

    @pytest.mark.parametrize("headers", [(), (("content-type", "text/plain"),)])
    async def test_the_type_of_the_answer_makes_no_difference(
        self, subject: Subject, headers: tuple[tuple[str, str], ...]
    ) -> None:
        data = b"\xef\xbb\xbf" + json.dumps(ROWS["usual"]).encode()
        subject.fake.script("scripted", Reply((data,), headers=headers))
        assert await subject.adapter().embed(model="scripted", texts=["a", "b", "c"], kind="passage") == VECTORS

    @pytest.mark.parametrize(
        "document",
        [
            {"data": [{"embedding": v} for v in VECTORS[:2]]},
            {"data": []},
            {},
            {"data": [{"index": n, "embedding": v} for n, v in zip((0, 0, 2), VECTORS, strict=True)]},
            {"data": [{"embedding": v} for v in ("???", *PACKED[1:])]},
            {"data": [{"embedding": v} for v in (PACKED[0][:5], *PACKED[1:])]},
            {"data": [{"embedding": [v, v]} for v in VECTORS]},
            {"data": [{"embedding": []} for _ in VECTORS]},
            {"data": [{"embedding": None} for _ in VECTORS]},
            {"data": [{"embedding": [1.0, None]} for _ in VECTORS]},
            {"data": ["a", "b", "c"]},
        ],
    )
    async def test_what_is_not_a_vector_for_each_text_is_refused(self, subject: Subject, document: Any) -> None:
        subject.fake.script("scripted", says(document))
        with pytest.raises(errors.ProviderBadResponse):
            await subject.adapter().embed(model="scripted", texts=["a", "b", "c"], kind="passage")

    async def test_a_server_is_not_asked_for_base64(self, subject: Subject) -> None:
        subject.fake.script("scripted", says(ROWS["usual"]))
        await subject.adapter().embed(model="scripted", texts=["a", "b", "c"], kind="passage")
        assert "encoding_format" not in subject.fake.heard("scripted")[0]


TOO_MANY = [
    says({"error": {"message": "Value error, batch size is invalid, it should not be larger than 10."}}, 400),
    says({"message": "batch size 64 > maximum allowed batch size 32", "code": 413, "type": "Validation"}, 413),
    says({"error": {"message": "Too many inputs. The max number of inputs is 16."}}, 400),
    says({"object": "error", "message": "Too many inputs in request, split into more batches."}, 422),
    says({"error": {"message": "Invalid 'input': array too long. Expected an array with maximum length 2048."}}, 400),
    says({"message": "total number of texts must be at most 96 - received 128"}, 400),
    says(
        [{"error": {"code": 400, "message": "at most 100 requests can be in one batch", "status": "INVALID_ARGUMENT"}}],
        400,
    ),
    says(
        {"error": {"message": "This model's maximum context length is 8192 tokens, however you requested 9000 tokens"}},
        400,
    ),
    Reply((b"<html>Request Entity Too Large</html>",), status=413),
]


@of("openai_compatible")
class TestBatches:
    @pytest.mark.parametrize("refusal", TOO_MANY)
    async def test_a_batch_that_is_too_large_is_halved_for_the_rest_of_the_call(
        self, subject: Subject, refusal: Reply
    ) -> None:
        four = says({"data": [{"embedding": [1.0, float(n)]} for n in range(4)]})
        one = says({"data": [{"embedding": [2.0, 0.0]}]})
        subject.fake.script("scripted", *[refusal] * 2, *[four] * 3, one)
        vectors = await subject.adapter().embed(model="scripted", texts=["text"] * 13, kind="passage")
        assert vectors == [*([[1.0, float(n)] for n in range(4)] * 3), [2.0, 0.0]]
        assert [len(body["input"]) for body in subject.fake.heard("scripted")][-4:] == [4, 4, 4, 1]

    async def test_one_text_that_is_too_long_is_told_as_such(self, subject: Subject) -> None:
        subject.fake.script("scripted", TOO_MANY[-2])
        with pytest.raises(errors.ProviderPromptTooLong, match="longer than the embedding model reads") as failure:
            await subject.adapter().embed(model="scripted", texts=["long", "short"], kind="passage")
        assert failure.value.limit_tokens == 8192
        assert len(subject.fake.heard("scripted")) == 2

    async def test_another_refusal_is_told_at_once(self, subject: Subject) -> None:
        subject.fake.script("scripted", says({"error": {"message": "Invalid input type."}}, 400))
        with pytest.raises(errors.ProviderBadRequest):
            await subject.adapter().embed(model="scripted", texts=["a"] * 9, kind="passage")
        assert len(subject.fake.heard("scripted")) == 1
