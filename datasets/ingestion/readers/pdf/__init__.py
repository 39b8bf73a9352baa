"""Reads PDF page by page; bookmarks give the sections.

What stands on every page is kept once, sentences that go over a page are with the page on which they begin, and pages
that cannot be read are named.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from datasets.blocks import Block, Notice, NoticeCode, ReadError, Reading
from datasets.ingestion.readers.pdf import document as documents
from datasets.ingestion.readers.pdf import flow, furniture
from datasets.ingestion.readers.pdf.hyphens import Hyphens
from datasets.ingestion.readers.pdf.pages import read_page
from datasets.ingestion.readers.pdf.values import Page
from datasets.ingestion.readers.registry import Progress

MAX_PAGES = 5000


def read(path: Path, progress: Progress) -> Reading:
    """Return one block per page that has text. Raises `ReadError` for what cannot be read."""
    document = documents.open_document(path)
    total = len(document)
    if total > MAX_PAGES:
        raise ReadError("too_many_pages", f"This PDF has {total} pages; the limit is {MAX_PAGES}. Split it up.")
    sections = documents.sections(document, total)
    pages = []
    for number in range(total):
        pages.append(read_page(document, number))
        progress(number + 1, total)
    documents.refuse_placeholder(document, pages)
    if not any(page.lines or page.additions for page in pages):
        raise documents.nothing_to_read(pages)
    furniture.part(pages)
    notices = tuple(_notices(pages))
    flow.join(pages, Hyphens([line.text for page in pages for line in page.lines]))
    blocks = [Block(text, sections[page.number - 1], page.number) for page in pages if (text := _text(page))]
    return Reading(tuple(blocks), total, notices)


def _notices(pages: Sequence[Page]) -> Iterator[Notice]:
    pictures = tuple(page.number for page in pages if page.is_picture and not page.lines and not page.has_unreadable)
    unreadable = tuple(page.number for page in pages if page.has_unreadable)
    if pictures:
        yield Notice(NoticeCode.PICTURE_PAGE, pictures)
    if unreadable:
        yield Notice(NoticeCode.UNREADABLE_FONT, unreadable)
    if damaged := tuple(page.number for page in pages if page.is_damaged):
        yield Notice(NoticeCode.UNREAD_PART, damaged, "damaged pages")


def _text(page: Page) -> str:
    """Return the page's text: what stands on every page after its own, then what is filled in and noted."""
    own = "\n".join(line.text for line in page.lines)
    apart = "\n".join(line.text for line in page.apart)
    return "\n\n".join(filter(None, (own, apart, "\n".join(page.additions)))).strip()
