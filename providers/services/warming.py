"""Loads the built-in models before the first question or document, which would wait for them otherwise."""

from __future__ import annotations

import logging
from pathlib import Path

from django.conf import settings

from providers.adapters.local.embedder import embedder_at, share
from providers.adapters.local.model import ENGLISH, MULTILINGUAL, is_installed

logger = logging.getLogger(__name__)


def load_built_in_models() -> bool:
    """Load the models into this process and use each once; False when none is installed, or they are not wanted.

    It takes about two seconds and 200 MB, which the first questions would take instead.
    """
    folders = _to_be_loaded()
    for folder in folders:
        embedder_at(folder).embed(["Hello"])
    return bool(folders)


def share_built_in_models() -> bool:
    """Load the models for the processes that this one forks, as `load_built_in_models` does."""
    folders = _to_be_loaded()
    for folder in folders:
        share(folder)
    return bool(folders)


def _to_be_loaded() -> list[Path]:
    if not settings.LOAD_MODEL_AT_START:
        return []
    folders = []
    for folder, model in ((settings.LOCAL_MODEL_DIR, ENGLISH), (settings.MULTILINGUAL_MODEL_DIR, MULTILINGUAL)):
        if is_installed(folder, model):
            folders.append(folder)
        else:
            logger.warning("%s does not hold %s: documents cannot be searched by meaning.", folder, model.name)
    return folders
