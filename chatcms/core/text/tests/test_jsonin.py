"""JSON from outside is read or refused with one error, whatever it is."""

from __future__ import annotations

import pytest

from chatcms.core.text.jsonin import MAX_DEPTH, MalformedJSONError, read_json

REFUSED = [
    b"",
    b"nonsense",
    b"{}{}",
    b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1),
    b"[" * 1_000 + b"]" * 1_000,
    b'{"a":' * 1_000 + b"1" + b"}" * 1_000,
    b"[" * 200_000,
    b"1" * 4_000,
    b"-" + b"1" * 5_000,
    b"1e400",
    b"NaN",
    b"[Infinity]",
    b'"\\ud800"',
    b'"\xff"',
    "{}".encode("utf-16"),
    "{}".encode("utf-32"),
]


@pytest.mark.parametrize("data", REFUSED, ids=lambda data: repr(data[:12]))
def test_what_is_no_json_or_too_deep_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedJSONError):
        read_json(data)


@pytest.mark.parametrize("data", [b"{}", b"\xef\xbb\xbf{}", b'{"a": 1, "a": 2}', b"[" * MAX_DEPTH + b"]" * MAX_DEPTH])
def test_what_is_json_is_read(data: bytes) -> None:
    assert read_json(data) is not None


def test_many_brackets_beside_each_other_are_not_deep() -> None:
    assert len(read_json(b"[" + b"[],{}," * 50_000 + b"1]")) == 100_001
