"""Finds the stored file of a document and says what to call it outside."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePath

from datasets import storage
from datasets.enums import DocumentSource
from datasets.exceptions import NoStoredFileError
from datasets.ingestion.readers.registry import kind_of_type
from datasets.models import Document


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A file that is there, and how it is handed out."""

    path: Path
    file_name: str
    content_type: str
    size_bytes: int
    sha256: str


def stored_document(document: Document) -> StoredDocument:
    """Return the file of the document; raise `NoStoredFileError` when it has none."""
    if document.source == DocumentSource.QA:
        raise NoStoredFileError("Questions and answers have no file. Export them as CSV instead.")
    path = storage.path_of(document.storage_key) if document.storage_key else None
    if path is None or not path.is_file():
        raise NoStoredFileError
    return StoredDocument(path, file_name_of(document), document.content_type, document.size_bytes, document.sha256)


def file_name_of(document: Document) -> str:
    """Return the document's name as that of a file: no path, and with an extension that fits its content."""
    name = document.name.replace("/", "-").replace("\\", "-").strip(". ") or "document"
    kind = kind_of_type(document.content_type)
    if kind is not None and PurePath(name).suffix.lower() not in kind.extensions:
        name += kind.extensions[0]
    return name
