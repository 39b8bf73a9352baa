"""Gives a tenant the sample bot with its dataset, and takes both away again."""

from __future__ import annotations

import mimetypes
from pathlib import Path

from django.core.files import File
from django.db import transaction

from bots import services as bot_services
from chatcms.portal import content, selectors
from datasets import services as dataset_services
from datasets.models import Dataset, Document
from tenants.types import Actor


def add_sample(*, by: Actor) -> None:
    """Give the tenant in force what is missing of the sample; twice changes nothing.

    Raises what making bots, datasets and documents raises: a plan may have no room.
    """
    dataset = selectors.sample_datasets().first()
    if dataset is None:
        dataset = dataset_services.create_dataset(
            by=by, name=content.DATASET_NAME, description=content.DATASET_DESCRIPTION
        )
    for path in sorted(content.DOCUMENTS.iterdir()):
        if not Document.objects.filter(dataset=dataset, name=path.name).exists():
            _upload(dataset, path, by=by)
    if not selectors.sample_bots().exists():
        _make_bot(dataset, by=by)


def remove_sample(*, by: Actor) -> None:
    """Delete the sample's bot with its conversations, and its dataset with its documents; what else there is stays."""
    with transaction.atomic():
        for bot in selectors.sample_bots():
            bot_services.delete_bot(by=by, bot=bot)
        for dataset in selectors.sample_datasets():
            dataset_services.delete_dataset(by=by, dataset=dataset)


def _upload(dataset: Dataset, path: Path, *, by: Actor) -> None:
    content_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    with path.open("rb") as opened:
        dataset_services.upload_document(
            by=by, dataset=dataset, name=path.name, file=File(opened, path.name), content_type=content_type
        )


def _make_bot(dataset: Dataset, *, by: Actor) -> None:
    bot_services.create_bot(
        by=by,
        name=content.BOT_NAME,
        description=content.BOT_DESCRIPTION,
        system_prompt=content.BOT_PROMPT,
        welcome_message=content.BOT_WELCOME,
        suggested_questions=content.BOT_SUGGESTIONS,
        model="local",
        dataset_ids=[dataset.id],
    )
