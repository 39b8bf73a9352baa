"""The addresses of this app's pages, below `/t/<slug>/`."""

from __future__ import annotations

from django.urls import path

from datasets.views import chunks, datasets, documents, qa, trying

app_name = "datasets"

urlpatterns = [
    path("datasets/", datasets.datasets, name="list"),
    path("datasets/new/", datasets.create, name="create"),
    path("datasets/<uuid:dataset_id>/", documents.documents, name="documents"),
    path("datasets/<uuid:dataset_id>/upload/", documents.upload, name="upload"),
    path("datasets/<uuid:dataset_id>/add-address/", documents.add_address, name="add-address"),
    path("datasets/<uuid:dataset_id>/add-text/", documents.add_text, name="add-text"),
    path("datasets/<uuid:dataset_id>/qa/", qa.pairs, name="qa"),
    path("datasets/<uuid:dataset_id>/qa/add/", qa.add, name="qa-add"),
    path("datasets/<uuid:dataset_id>/qa/import/", qa.take_in, name="qa-import"),
    path("datasets/<uuid:dataset_id>/qa/export/", qa.export, name="qa-export"),
    path("qa/<uuid:pair_id>/", qa.edit, name="qa-edit"),
    path("qa/<uuid:pair_id>/delete/", qa.delete, name="qa-delete"),
    path("datasets/<uuid:dataset_id>/try/", trying.try_question, name="try"),
    path("datasets/<uuid:dataset_id>/settings/", datasets.settings, name="settings"),
    path("datasets/<uuid:dataset_id>/split/", datasets.split, name="split"),
    path("datasets/<uuid:dataset_id>/delete/", datasets.delete, name="delete"),
    path("documents/<uuid:document_id>/", documents.document, name="document"),
    path("documents/<uuid:document_id>/rename/", documents.rename, name="document-rename"),
    path("documents/<uuid:document_id>/retry/", documents.retry, name="document-retry"),
    path("documents/<uuid:document_id>/delete/", documents.delete, name="document-delete"),
    path("documents/<uuid:document_id>/download/", documents.download, name="document-download"),
    path("documents/<uuid:document_id>/add-chunk/", chunks.add, name="chunk-add"),
    path("chunks/<uuid:chunk_id>/", chunks.edit, name="chunk-edit"),
    path("chunks/<uuid:chunk_id>/switch/", chunks.switch, name="chunk-switch"),
    path("chunks/<uuid:chunk_id>/delete/", chunks.delete, name="chunk-delete"),
]
