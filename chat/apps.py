"""Registers the app that holds conversations."""

from django.apps import AppConfig


class ChatConfig(AppConfig):
    """Conversations with bots."""

    name = "chat"
    verbose_name = "Chat"
