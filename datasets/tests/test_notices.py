"""What could not be read of a file is kept, bounded and put into words."""

from __future__ import annotations

import pytest
from django.utils import translation

from datasets import notices
from datasets.blocks import Notice, NoticeCode
from datasets.models import Document


@pytest.mark.parametrize("code", NoticeCode)
def test_every_notice_has_a_sentence_that_says_what_to_know(code: NoticeCode) -> None:
    document = Document(notices=notices.stored([Notice(code, what="something")]))

    (shown,) = notices.of(document)

    assert shown.detail.endswith(".")
    assert "%" not in shown.detail


def test_neighbouring_pages_are_named_as_a_run() -> None:
    document = Document(notices=notices.stored([Notice(NoticeCode.PICTURE_PAGE, (7, 2, 5, 6, 5))]))

    (shown,) = notices.of(document)

    assert shown.where == "Pages 2, 5–7"
    assert shown.pages == [7, 2, 5, 6, 5]


def test_a_notice_is_read_in_the_language_at_hand() -> None:
    document = Document(notices=notices.stored([Notice(NoticeCode.PICTURE_PAGE, (2,))]))
    with translation.override("de"):
        (german,) = notices.of(document)

    assert german.where == "Seite 2"
    assert german.detail != notices.of(document)[0].detail


def test_what_is_kept_is_bounded_and_said_once() -> None:
    many = [Notice(NoticeCode.UNREAD_PART, what=f"part {number}") for number in range(100)]
    long = Notice(NoticeCode.PICTURE_PAGE, tuple(range(1, 5000)))

    kept = notices.stored([long, long, *many])

    assert len(kept) == notices.MOST_NOTICES
    assert len(kept[0]["pages"]) == notices.MOST_PAGES
    assert kept[1]["what"] == "part 0"
