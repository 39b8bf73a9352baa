"""Errors about datasets and documents."""

from __future__ import annotations

from collections.abc import Mapping

from chatcms.core.errortext import ErrorText
from chatcms.core.exceptions import (
    AppError,
    ConflictError,
    InvalidInputError,
    NotFoundError,
    QuotaExceededError,
    RateLimitedError,
    UnavailableError,
)


class NoSuchDatasetError(NotFoundError):
    """No dataset of that id in this tenant."""

    code = "no_such_dataset"
    default_detail = "There is no such dataset here. List them with GET /v1/tenant/datasets."


class NoSuchDocumentError(NotFoundError):
    """No document of that id in this tenant."""

    code = "no_such_document"
    default_detail = "There is no such document here. It may have been deleted."


class NoSuchChunkError(NotFoundError):
    """No chunk of that id in this tenant, or of an earlier reading of its document."""

    code = "no_such_chunk"
    default_detail = "There is no such chunk here. Its document may have been read again since, or deleted."


class NoStoredFileError(NotFoundError):
    """The document has no file: it was not fetched yet, or somebody removed it from the disk."""

    code = "no_stored_file"
    default_detail = "This document has no stored file. If it comes from the web, wait until it is fetched."


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


class SameAddressError(ConflictError):
    """A document from the very same address is in the dataset."""

    code = "same_address"
    default_detail = "A document from this address is in this dataset already."


class NotFailedError(ConflictError):
    """Only a failed document can be tried again, or one from the web once it is ready."""

    code = "not_failed"
    default_detail = (
        "Only a failed document can be tried again, or one from the web when it is ready; this one is neither."
    )


class DocumentBusyError(ConflictError):
    """The document's chunks are about to be replaced, so they cannot be edited."""

    code = "document_busy"
    default_detail = "This document is not read yet, or being read again. Wait until it is ready."


class ChunkChangedError(ConflictError):
    """Somebody else changed the chunk in the meantime."""

    code = "chunk_changed"
    default_detail = "Somebody else changed this chunk in the meantime. Load it again and repeat your change."


class ChunkTooLongError(InvalidInputError):
    """The text has more tokens than the dataset's embedding model takes."""

    code = "chunk_too_long"
    default_detail = "This text is longer than the dataset's embedding model takes. Split it into several chunks."


class ChunkOfPairError(ConflictError):
    """The chunk was made from a question with its answer, and changes with them."""

    code = "chunk_of_pair"
    default_detail = "This chunk is a question with its answer. Change or delete that pair instead."


class NoSuchPairError(NotFoundError):
    """No question with its answer of that id in this tenant."""

    code = "no_such_pair"
    default_detail = "There is no such question and answer here. They may have been deleted."


class QuestionTakenError(ConflictError):
    """The dataset has an answer to this question; `pair_id` in extra names it."""

    code = "question_taken"
    default_detail = "This dataset has an answer to the same question already. Change that one."


class PairError(InvalidInputError):
    """A question or answer is not acceptable; `errors` in extra points to each."""

    code = "pair"
    default_detail = "The question or answer is not acceptable."

    def __init__(self, faults: Mapping[str, ErrorText] | None = None) -> None:
        """Take the faults as JSON pointer to sentence."""
        faults = faults or {}
        errors = [{"pointer": at, "detail": text, "code": self.code} for at, text in faults.items()]
        super().__init__(next(iter(faults.values()), None), errors=errors)


class TooManyPairsError(ConflictError):
    """The dataset has as many questions with answers as one can have."""

    code = "too_many_pairs"
    default_detail = "A dataset has up to 5,000 questions with answers. Delete some, or use another dataset."


class UnreadableCSVError(InvalidInputError):
    """A file of questions and answers cannot be read, or not all of it; `errors` in extra names rows."""

    code = "unreadable_csv"
    default_detail = "This file is no CSV with the columns question and answer."


class FetchFailedError(UnavailableError):
    """A document's address did not give its content for now; another try may."""

    code = "fetch_failed"
    default_detail = "The address could not be fetched. Try again later."


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


class PreviewRunningError(RateLimitedError):
    """Another preview of this tenant is being made."""

    code = "preview_running"
    default_detail = "Another preview is being made for you. Try again in a moment."


class PreviewsBusyError(UnavailableError):
    """As many previews are being made as this process makes at once."""

    code = "previews_busy"
    default_detail = "Many previews are being made at the moment. Try again in a few seconds."
