"""Loads the built-in model before the first question or document, which would wait for it otherwise."""

from __future__ import annotations

import logging

from django.conf import settings

from providers.adapters.local.embedder import embedder_at, share
from providers.adapters.local.model import is_installed

logger = logging.getLogger(__name__)


def load_built_in_model() -> bool:
    """Load the model into this process and use it once; False when it is not installed or not wanted.

    It takes about a second and 80 MB, which the first question would take instead.
    """
    if not _is_to_be_loaded():
        return False
    embedder_at(settings.LOCAL_MODEL_DIR).embed(["Hello"])
    return True


def share_built_in_model() -> bool:
    """Load the model for the processes that this one forks, as `load_built_in_model` does."""
    if not _is_to_be_loaded():
        return False
    share(settings.LOCAL_MODEL_DIR)
    return True


def _is_to_be_loaded() -> bool:
    if not settings.LOAD_MODEL_AT_START:
        return False
    if not is_installed(settings.LOCAL_MODEL_DIR):
        logger.warning("There is no model in %s: documents cannot be searched by meaning.", settings.LOCAL_MODEL_DIR)
        return False
    return True
