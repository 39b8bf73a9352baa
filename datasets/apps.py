"""Registers the app that holds a tenant's knowledge."""

from django.apps import AppConfig


class DatasetsConfig(AppConfig):
    """Datasets, documents and chunks, in each tenant's schema."""

    name = "datasets"
    verbose_name = "Datasets and documents"

    def ready(self) -> None:
        """Tell the job queue how this app's jobs are done, and providers which datasets use them."""
        from chatcms.jobs.registry import Handler, register
        from datasets.enums import JobKind
        from datasets.ingestion import pipeline
        from datasets.selectors import datasets_embedded_by
        from datasets.services import removal
        from providers import usages

        register(JobKind.INGEST_DOCUMENT, Handler(run=pipeline.ingest, give_up=pipeline.give_up))
        register(JobKind.REMOVE_FILE, Handler(run=removal.remove_file, give_up=lambda _file_id, _reason: None))
        usages.register(datasets_embedded_by)
