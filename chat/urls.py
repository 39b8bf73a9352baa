"""Addresses of the chat API, below /v1/."""

from django.urls import path

from chat.api import bots, conversations, messages, visitors
from chat.api.openai import completions, models

urlpatterns = [
    path("chat/visitors", visitors.VisitorsView.as_view(), name="chat-visitors"),
    path("chat/bots", bots.ChatBotListView.as_view(), name="chat-bots"),
    path("chat/bots/<str:bot>", bots.ChatBotDetailView.as_view(), name="chat-bot"),
    path("chat/bots/<str:bot>/messages", messages.BotMessagesView.as_view(), name="chat-messages"),
    path("chat/conversations", conversations.ConversationListView.as_view(), name="chat-conversations"),
    path(
        "chat/conversations/<uuid:conversation_id>",
        conversations.ConversationDetailView.as_view(),
        name="chat-conversation",
    ),
    path(
        "chat/conversations/<uuid:conversation_id>/messages",
        conversations.MessageListView.as_view(),
        name="chat-conversation-messages",
    ),
    path("chat/completions", completions.ChatCompletionsView.as_view(), name="openai-chat-completions"),
    path("models", models.ModelListView.as_view(), name="openai-models"),
    path("models/<str:model>", models.ModelDetailView.as_view(), name="openai-model"),
]
