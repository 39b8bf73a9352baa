"""Addresses of datasets and documents, under /v1/."""

from django.urls import path

from datasets.api.datasets import DatasetSearchView, DatasetsView, DatasetView
from datasets.api.documents import DocumentChunksView, DocumentRetryView, DocumentsView, DocumentView

urlpatterns = [
    path("tenant/datasets", DatasetsView.as_view(), name="datasets"),
    path("tenant/datasets/<uuid:dataset_id>", DatasetView.as_view(), name="dataset"),
    path("tenant/datasets/<uuid:dataset_id>/documents", DocumentsView.as_view(), name="documents"),
    path("tenant/datasets/<uuid:dataset_id>/search", DatasetSearchView.as_view(), name="dataset-search"),
    path("tenant/documents/<uuid:document_id>", DocumentView.as_view(), name="document"),
    path("tenant/documents/<uuid:document_id>/retry", DocumentRetryView.as_view(), name="document-retry"),
    path("tenant/documents/<uuid:document_id>/chunks", DocumentChunksView.as_view(), name="document-chunks"),
]
