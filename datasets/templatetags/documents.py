"""Puts facts about documents into words."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from datasets.enums import DocumentSource, DocumentState
from datasets.models import Document
from datasets.selectors import IN_PROGRESS

register = template.Library()

_PILLS: dict[str, tuple[str | Promise, str, str]] = {
    DocumentState.QUEUED: (_("Waiting"), "clock", ""),
    DocumentState.FETCHING: (_("Fetching"), "clock", "info"),
    DocumentState.READING: (_("Reading"), "clock", "info"),
    DocumentState.SPLITTING: (_("Splitting"), "clock", "info"),
    DocumentState.EMBEDDING: (_("Embedding"), "clock", "info"),
    DocumentState.READY: (_("Ready"), "check", "good"),
    DocumentState.FAILED: (_("Failed"), "alert", "bad"),
}
_ICONS = {DocumentSource.URL: "globe", DocumentSource.TEXT: "edit"}


@register.filter
def is_in_progress(document: Document) -> bool:
    """Say whether the document is still on its way to being ready."""
    return document.state in IN_PROGRESS


@register.filter
def is_tried_again(document: Document) -> bool:
    """Say whether it makes sense to read it again."""
    from_web = document.source == DocumentSource.URL and document.state == DocumentState.READY
    return document.state == DocumentState.FAILED or from_web


@register.filter
def document_icon(document: Document) -> str:
    """Name the icon of where a document came from."""
    return _ICONS.get(DocumentSource(document.source), "file")


@register.filter
def document_facts(document: Document) -> str:
    """One line about a document: how large it is, and what it was split into."""
    facts = [filesizeformat(document.size_bytes)] if document.size_bytes else []
    if document.page_count:
        facts.append(ngettext("%(n)s page", "%(n)s pages", document.page_count) % {"n": document.page_count})
    if document.state == DocumentState.READY:
        facts.append(ngettext("%(n)s chunk", "%(n)s chunks", document.chunk_count) % {"n": document.chunk_count})
        if document.notices:
            facts.append(gettext("not all of it could be read"))
    return " · ".join(facts)


@register.inclusion_tag("components/pill.html")
def document_pill(document: Document) -> dict[str, Any]:
    """The state of a document as a word with an icon."""
    label, icon, tone = _PILLS[document.state]
    return {"label": label, "icon": icon, "tone": tone}


@register.filter
def percent(share: float | None) -> int:
    """Return a share from 0 to 1 in hundredths, for a meter."""
    return round(100 * max(0.0, min(1.0, share or 0.0)))
