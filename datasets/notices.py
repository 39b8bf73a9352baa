"""Says what of a file could not be read, in sentences that its owner can act on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from datasets.blocks import Notice, NoticeCode
from datasets.models import Document

CODES = [code.value for code in NoticeCode]
MOST_PAGES = 1000
MOST_NOTICES = 20
_SENTENCES: dict[NoticeCode, str | Promise] = {
    NoticeCode.PICTURE_PAGE: _(
        "This is a picture without text, and nothing of it is found. Upload a file with recognised text (OCR)."
    ),
    NoticeCode.UNREADABLE_FONT: _(
        "The text cannot be read, since its font does not say which letters it shows. Save the file anew as PDF from "
        "the program that made it, or upload one with recognised text (OCR)."
    ),
    NoticeCode.UNREAD_PART: _("A part of this file cannot be read: %(what)s."),
    NoticeCode.UNSURE_ENCODING: _(
        "The file does not say how its letters are encoded; it was read as %(what)s. If letters look wrong, save it as "
        "UTF-8 and upload it again."
    ),
}


@dataclass(frozen=True, slots=True)
class ShownNotice:
    """A notice in words; `where` names its pages, and is empty where there are none."""

    code: str
    detail: str
    pages: Sequence[int]
    where: str


def stored(found: Iterable[Notice]) -> list[dict[str, Any]]:
    """Return what `Document.notices` holds of these: the first `MOST_NOTICES`, each with its first `MOST_PAGES`."""
    kept = list(dict.fromkeys(found))[:MOST_NOTICES]
    return [{**asdict(notice), "pages": list(notice.pages[:MOST_PAGES])} for notice in kept]


def of(document: Document) -> list[ShownNotice]:
    """Return the document's notices in the language at hand."""
    return [_shown(**notice) for notice in document.notices]


def _shown(*, code: str, pages: list[int], what: str) -> ShownNotice:
    detail = str(_SENTENCES[NoticeCode(code)])
    return ShownNotice(code, detail % {"what": what} if what else detail, pages, _where(pages))


def _where(pages: Sequence[int]) -> str:
    """Return "Pages 2, 5–7" for 2, 5, 6 and 7."""
    if not pages:
        return ""
    named = ", ".join(f"{first}–{last}" if last > first else str(first) for first, last in _runs(pages))
    return ngettext("Page %(pages)s", "Pages %(pages)s", len(pages)) % {"pages": named}


def _runs(pages: Iterable[int]) -> list[tuple[int, int]]:
    runs: list[tuple[int, int]] = []
    for page in sorted(set(pages)):
        if runs and runs[-1][1] == page - 1:
            runs[-1] = (runs[-1][0], page)
        else:
            runs.append((page, page))
    return runs
