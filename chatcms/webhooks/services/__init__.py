"""Use-cases of webhooks."""

from chatcms.webhooks.services.emitting import emit
from chatcms.webhooks.services.forgetting import forget_conversations, forget_feedback
from chatcms.webhooks.services.managing import (
    create_webhook,
    delete_webhook,
    replay,
    rotate_secret,
    send_ping,
    update_webhook,
)
from chatcms.webhooks.services.quotas import tell_if_reached

__all__ = [
    "create_webhook",
    "delete_webhook",
    "emit",
    "forget_conversations",
    "forget_feedback",
    "replay",
    "rotate_secret",
    "send_ping",
    "tell_if_reached",
    "update_webhook",
]
