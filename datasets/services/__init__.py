"""The use-cases about datasets and documents."""

from datasets.services.datasets import create_dataset, delete_dataset, update_dataset
from datasets.services.documents import delete_document, retry_document, upload_document

__all__ = [
    "create_dataset",
    "delete_dataset",
    "delete_document",
    "retry_document",
    "update_dataset",
    "upload_document",
]
