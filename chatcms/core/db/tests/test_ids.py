"""Tests of identifiers."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

from chatcms.core.db.ids import uuid7


def test_ids_of_one_process_ascend_within_a_millisecond() -> None:
    ids = [uuid7() for _ in range(5000)]
    assert ids == sorted(ids)
    assert len(set(ids)) == len(ids)


def test_threads_never_make_the_same_one() -> None:
    with ThreadPoolExecutor(4) as pool:
        ids = list(pool.map(lambda _: uuid7(), range(4000)))
    assert len(set(ids)) == len(ids)


def test_an_id_tells_when_it_was_made_and_what_it_is() -> None:
    before = time.time_ns() // 1_000_000
    made = uuid7()
    assert made.version == 7
    assert made.variant == "specified in RFC 4122"
    assert before - 1 <= made.int >> 80 <= time.time_ns() // 1_000_000 + 1
