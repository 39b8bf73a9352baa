"""Registers the app that holds a tenant's knowledge."""

from django.apps import AppConfig


class DatasetsConfig(AppConfig):
    """Datasets, documents and chunks, in each tenant's schema."""

    name = "datasets"
    verbose_name = "Datasets and documents"
