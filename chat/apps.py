"""Registers the app that holds conversations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import AppConfig

if TYPE_CHECKING:
    from django.http import HttpRequest

FOR_PAGES_OF_ANY_ORIGIN = "/v1/chat/"


class ChatConfig(AppConfig):
    """Conversations with bots."""

    name = "chat"
    verbose_name = "Chat"

    def ready(self) -> None:
        """Let pages of any origin call the chat API, and bots know which conversations go with them."""
        from corsheaders.signals import check_request_enabled

        from bots import losses
        from chat.conversations.losses import counts_of, losses_of
        from chat.conversations.services.erasure import erase_conversations_of
        from chat.money import figures
        from tenants import quotas

        quotas.register("monthly_messages", figures.monthly_messages)
        quotas.register("monthly_cost", figures.monthly_cost)
        losses.register(losses_of, counts_of)
        losses.before_deleting(erase_conversations_of)
        check_request_enabled.connect(_is_for_pages, dispatch_uid="chat.pages")


def _is_for_pages(sender: object, request: HttpRequest, **_: Any) -> bool:
    """Say whether browsers may show the answer to the page that asked.

    Credentials are sent in a header, never in cookies, so a page gets no more than any program would; which
    origins may show a bot, the server itself checks.
    """
    return request.path.startswith(FOR_PAGES_OF_ANY_ORIGIN)
