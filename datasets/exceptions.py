"""Errors about datasets and documents."""

from __future__ import annotations

from chatcms.core.exceptions import AppError, ConflictError, NotFoundError, QuotaExceededError


class NoSuchDatasetError(NotFoundError):
    """No dataset of that id in this tenant."""

    code = "no_such_dataset"
    default_detail = "There is no such dataset here. List them with GET /v1/tenant/datasets."


class NoSuchDocumentError(NotFoundError):
    """No document of that id in this tenant."""

    code = "no_such_document"
    default_detail = "There is no such document here. It may have been deleted."


class UnreadableFileError(AppError):
    """The file's content is of no kind that can be read."""

    code = "unsupported_file"
    kind = "unsupported"
    default_detail = "Files of this type cannot be read."


class EmptyFileError(AppError):
    """The file holds nothing."""

    code = "empty_file"
    kind = "unprocessable"
    default_detail = "This file is empty. Upload a file that has text in it."


class FileTooLargeError(AppError):
    """The file is larger than the installation takes."""

    code = "file_too_large"
    kind = "too_large"
    default_detail = "This file is larger than allowed. Split it into smaller files."


class SameDocumentError(ConflictError):
    """A file with the very same content is in the dataset."""

    code = "same_document"
    default_detail = "A file with the same content is in this dataset already."


class NotFailedError(ConflictError):
    """Only a failed document can be tried again."""

    code = "not_failed"
    default_detail = "Only a failed document can be tried again; this one has not failed."


class DocumentQuotaError(QuotaExceededError):
    """The plan takes no further document."""

    code = "document_quota_reached"
    default_detail = "Your plan's number of documents is reached. Delete some or ask for a larger plan."


class StorageQuotaError(QuotaExceededError):
    """The plan takes no further bytes."""

    code = "storage_quota_reached"
    default_detail = "Your plan's storage is used up. Delete documents or ask for a larger plan."


class DatasetQuotaError(QuotaExceededError):
    """The plan takes no further dataset."""

    code = "dataset_quota_reached"
    default_detail = "Your plan's number of datasets is reached. Delete one or ask for a larger plan."
