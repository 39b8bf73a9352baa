"""Addresses of datasets, documents and chunks, under /v1/."""

from django.urls import path

from datasets.api.chunks import ChunkView, DocumentChunksView
from datasets.api.datasets import DatasetSearchView, DatasetsView, DatasetView
from datasets.api.documents import DocumentRetryView, DocumentsView, DocumentView
from datasets.api.download import DocumentDownloadView
from datasets.api.pairs import PairExportView, PairImportView, PairsView, PairView

urlpatterns = [
    path("tenant/datasets", DatasetsView.as_view(), name="datasets"),
    path("tenant/datasets/<uuid:dataset_id>", DatasetView.as_view(), name="dataset"),
    path("tenant/datasets/<uuid:dataset_id>/documents", DocumentsView.as_view(), name="documents"),
    path("tenant/datasets/<uuid:dataset_id>/search", DatasetSearchView.as_view(), name="dataset-search"),
    path("tenant/documents/<uuid:document_id>", DocumentView.as_view(), name="document"),
    path("tenant/documents/<uuid:document_id>/retry", DocumentRetryView.as_view(), name="document-retry"),
    path("tenant/documents/<uuid:document_id>/download", DocumentDownloadView.as_view(), name="document-download"),
    path("tenant/documents/<uuid:document_id>/chunks", DocumentChunksView.as_view(), name="document-chunks"),
    path("tenant/datasets/<uuid:dataset_id>/qa", PairsView.as_view(), name="qa-pairs"),
    path("tenant/datasets/<uuid:dataset_id>/qa/import", PairImportView.as_view(), name="qa-import"),
    path("tenant/datasets/<uuid:dataset_id>/qa/export", PairExportView.as_view(), name="qa-export"),
    path("tenant/qa/<uuid:pair_id>", PairView.as_view(), name="qa-pair"),
    path("tenant/chunks/<uuid:chunk_id>", ChunkView.as_view(), name="chunk"),
]
