"""Use-cases of webhooks."""

from chatcms.webhooks.services.emitting import emit
from chatcms.webhooks.services.managing import (
    create_webhook,
    delete_webhook,
    replay,
    rotate_secret,
    send_ping,
    update_webhook,
)

__all__ = [
    "create_webhook",
    "delete_webhook",
    "emit",
    "replay",
    "rotate_secret",
    "send_ping",
    "update_webhook",
]
