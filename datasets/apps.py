"""Registers the app that holds a tenant's knowledge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import AppConfig

if TYPE_CHECKING:
    from tenants.models import Tenant


class DatasetsConfig(AppConfig):
    """Datasets, documents and chunks, in each tenant's schema."""

    name = "datasets"
    verbose_name = "Datasets and documents"

    def ready(self) -> None:
        """Tell the job queue how this app's jobs are done, and others what of theirs is used or kept here."""
        from chatcms.jobs.enums import Queue
        from chatcms.jobs.registry import Handler, register
        from datasets import figures
        from datasets.enums import JobKind
        from datasets.ingestion import pipeline
        from datasets.selectors import datasets_embedded_by, existing_datasets
        from datasets.services import analysing, documents, removal
        from providers import usages
        from tenants import quotas
        from tenants.enums import Limit
        from tenants.services import key_limits
        from tenants.services.lifecycle import on_tenant_dropped

        register(
            JobKind.INGEST_DOCUMENT,
            Handler(run=pipeline.ingest, give_up=pipeline.give_up, revive=documents.revive_document),
        )
        register(
            JobKind.REMOVE_FILE,
            Handler(
                run=removal.remove_file,
                give_up=removal.give_up_file,
                revive=removal.revive_file,
                queue=Queue.SHORT,
                time_limit=120,
            ),
        )
        register(
            JobKind.ANALYSE_DOCUMENT,
            Handler(run=analysing.analyse_document, give_up=analysing.keep_as_it_is, revive=analysing.revive_analysis),
        )
        quotas.register("datasets", figures.datasets)
        quotas.register("documents", figures.documents)
        quotas.register("storage_bytes", figures.storage_bytes)
        usages.register(datasets_embedded_by)
        key_limits.register(Limit.DATASETS, existing_datasets)
        on_tenant_dropped(_remove_files)


def _remove_files(tenant: Tenant) -> None:
    from datasets import storage

    storage.delete_all_of(tenant.id)
