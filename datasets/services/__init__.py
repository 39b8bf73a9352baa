"""The use-cases about datasets, documents and chunks."""

from datasets.services.chunks import add_chunk, apply_edit, delete_chunk, prepare_edit
from datasets.services.datasets import create_dataset, delete_dataset, update_dataset
from datasets.services.documents import delete_document, rename_document, retry_document, upload_document
from datasets.services.pairs import Taken, add_pair, delete_pair, put_pair, take_in_pairs, update_pair
from datasets.services.sources import add_text, add_url
from datasets.services.splitting import edited_chunks, preview_document, preview_text, resplit_dataset
from datasets.services.sweeping import sweep_orphan_files
from datasets.services.taking_in import TakenIn
from datasets.services.trial import Trial, try_question

__all__ = [
    "Taken",
    "TakenIn",
    "Trial",
    "add_chunk",
    "add_pair",
    "add_text",
    "add_url",
    "apply_edit",
    "create_dataset",
    "delete_chunk",
    "delete_dataset",
    "delete_document",
    "delete_pair",
    "edited_chunks",
    "prepare_edit",
    "preview_document",
    "preview_text",
    "put_pair",
    "rename_document",
    "resplit_dataset",
    "retry_document",
    "sweep_orphan_files",
    "take_in_pairs",
    "try_question",
    "update_dataset",
    "update_pair",
    "upload_document",
]
