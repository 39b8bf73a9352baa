"""Brings documents that an earlier version of the product analysed up to date, without reading them again."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.db.models import QuerySet

from chatcms.jobs import services as job_services
from chatcms.jobs.exceptions import JobTargetDoneError, JobTargetGoneError
from datasets import analysis, indexing, languages
from datasets.enums import JobKind
from datasets.models import Chunk, Document
from datasets.services import vectors
from tenants.context import current_tenant_id
from tenants.each import Round, for_each_tenant
from tenants.models import Tenant

_AT_ONCE = 1000
_SAMPLED_CHUNKS = 100


def queue_stale() -> int:
    """Queue what is left to analyse anew in the tenant in force, up to a thousand documents; return how many."""
    stale = list(_stale().values_list("pk", flat=True)[:_AT_ONCE])
    if stale:
        job_services.enqueue_many(kind=JobKind.ANALYSE_DOCUMENT, target_ids=stale, tenant_id=current_tenant_id())
    return len(stale)


def queue_stale_everywhere() -> Round:
    """Do as `queue_stale` in every tenant that has a schema; return which of them failed."""

    def queue(_: Tenant) -> None:
        queue_stale()

    return for_each_tenant(queue, task="datasets.queue_stale")


def analyse_document(document_id: uuid.UUID) -> None:
    """The job: write the document's words as they are analysed now; nothing where that was done or it is gone.

    Its chunks and what people edited stay, and their vectors, unless another model embeds the document's language now.
    It is found by its old words until the one transaction ends, which holds a few hundred chunks in memory, however
    many there are.
    """
    document = _stale().select_related("dataset").filter(pk=document_id).first()
    if document is None:
        return
    language = _language(document)
    vectors.embed_again(document, language=language)
    with transaction.atomic():
        unchanged = _stale().filter(version=document.version, language=document.language)
        locked = unchanged.select_for_update().filter(pk=document_id).first()
        if locked is not None:
            indexing.analyse_again(locked, language=language)
            locked.save(update_fields=["language", "term_total", "analysis_version", "updated_at"])


def keep_as_it_is(_document_id: uuid.UUID, _reason: str) -> None:
    """Leave the document to be found by its old words; it is queued again by the clock."""


def revive_analysis(document_id: uuid.UUID) -> None:
    """Let the job be tried again, which has changed nothing so far.

    Raises `JobTargetGoneError` or `JobTargetDoneError`.
    """
    if not Document.objects.filter(pk=document_id).exists():
        raise JobTargetGoneError("This document has been deleted. There is nothing to try again.")
    if not _stale().filter(pk=document_id).exists():
        raise JobTargetDoneError("This document has been analysed in the meantime. There is nothing to try again.")


def _stale() -> QuerySet[Document]:
    return Document.objects.filter(version__gt=0, analysis_version__lt=analysis.VERSION).order_by("pk")


def _language(document: Document) -> str:
    """Return the language of the document's text, as `ingestion.pipeline` finds it out; older versions knew fewer."""
    dataset = document.dataset
    if dataset.language in languages.LANGUAGES:
        return dataset.language
    texts = Chunk.objects.filter(document=document, version=document.version).order_by("seq")
    sample = "\n".join(texts.values_list("text", flat=True)[:_SAMPLED_CHUNKS])
    return languages.detect(sample, fallback=document.language or languages.main_language(dataset.languages))
