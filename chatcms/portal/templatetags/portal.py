"""Puts facts about documents into words."""

from __future__ import annotations

from typing import Any

from django import template
from django.template.defaultfilters import filesizeformat

from chatcms.portal.selectors import IN_PROGRESS
from datasets.enums import DocumentState
from datasets.models import Document

register = template.Library()

_PILLS: dict[str, tuple[str, str, str]] = {
    DocumentState.QUEUED: ("Waiting", "clock", ""),
    DocumentState.FETCHING: ("Fetching", "clock", "info"),
    DocumentState.READING: ("Reading", "clock", "info"),
    DocumentState.SPLITTING: ("Splitting", "clock", "info"),
    DocumentState.EMBEDDING: ("Embedding", "clock", "info"),
    DocumentState.READY: ("Ready", "check", "good"),
    DocumentState.FAILED: ("Failed", "alert", "bad"),
}


@register.filter
def is_in_progress(document: Document) -> bool:
    """Say whether the document is still on its way to being ready."""
    return document.state in IN_PROGRESS


@register.filter
def document_facts(document: Document) -> str:
    """One line about a document: why it failed, how far it is, or how large it is."""
    if document.state == DocumentState.FAILED:
        return document.error_detail
    size = filesizeformat(document.size_bytes)
    if document.state == DocumentState.READY:
        pages = f"{_count(document.page_count, 'page')}, " if document.page_count else ""
        return f"{size} · {pages}{_count(document.chunk_count, 'passage')}"
    if document.progress_total:
        return f"{size} · {document.progress_done} of {document.progress_total}"
    return size


@register.inclusion_tag("components/pill.html")
def document_pill(document: Document) -> dict[str, Any]:
    """The state of a document as a word with an icon."""
    label, icon, tone = _PILLS[document.state]
    return {"label": label, "icon": icon, "tone": tone}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
