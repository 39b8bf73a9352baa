"""Knows the word between which a bot's passages stand in its prompts."""

from __future__ import annotations

import uuid

from django.utils.crypto import salted_hmac

LENGTH = 12


def fence_of(bot_id: uuid.UUID) -> str:
    """Return the fence of a bot: nobody can guess it without the secret key, and it is the same in every prompt."""
    return salted_hmac("chat.fence", str(bot_id), algorithm="sha256").hexdigest()[:LENGTH]
