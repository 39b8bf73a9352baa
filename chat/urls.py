"""Addresses of the chat API, below /v1/."""

from django.urls import path

from chat.analytics.api import dismissals
from chat.analytics.api import documents as analytics_documents
from chat.analytics.api import figures as analytics
from chat.analytics.api import unanswered as analytics_unanswered
from chat.conversations.api import conversations, people
from chat.inbox.api import conversations as inbox
from chat.inbox.api import corrections, export
from chat.inbox.api import messages as inbox_messages
from chat.inbox.api import takeover as inbox_people
from chat.money.api import budgets, usage
from chat.turns.api import answers, feedback, messages, retrieval_test
from chat.turns.api.openai import completions, models
from chat.turns.api.openai.responses import views as responses
from chat.visitors.api import bots, visitors

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
    path(
        "chat/conversations/<uuid:conversation_id>/end",
        conversations.ConversationEndView.as_view(),
        name="chat-conversation-end",
    ),
    path(
        "chat/conversations/<uuid:conversation_id>/events",
        people.ConversationEventsView.as_view(),
        name="chat-conversation-events",
    ),
    path(
        "chat/conversations/<uuid:conversation_id>/request-person",
        people.PersonRequestView.as_view(),
        name="chat-conversation-request-person",
    ),
    path("chat/messages/<uuid:message_id>/events", answers.AnswerEventsView.as_view(), name="chat-message-events"),
    path("chat/messages/<uuid:message_id>/stop", answers.AnswerStopView.as_view(), name="chat-message-stop"),
    path(
        "chat/messages/<uuid:message_id>/regenerate",
        answers.AnswerRegenerateView.as_view(),
        name="chat-message-regenerate",
    ),
    path(
        "chat/messages/<uuid:message_id>/feedback",
        feedback.MessageFeedbackView.as_view(),
        name="chat-message-feedback",
    ),
    path("tenant/bots/<uuid:bot_id>/search", retrieval_test.BotSearchView.as_view(), name="bot-search"),
    path("tenant/analytics", analytics.AnalyticsView.as_view(), name="analytics"),
    path("tenant/analytics/breakdown", analytics.BreakdownView.as_view(), name="analytics-breakdown"),
    path("tenant/analytics/breakdown.csv", analytics.BreakdownCsvView.as_view(), name="analytics-breakdown-csv"),
    path(
        "tenant/analytics/documents", analytics_documents.AnalyticsDocumentsView.as_view(), name="analytics-documents"
    ),
    path(
        "tenant/analytics/documents.csv",
        analytics_documents.AnalyticsDocumentsCsvView.as_view(),
        name="analytics-documents-csv",
    ),
    path("tenant/analytics/unanswered", analytics_unanswered.UnansweredView.as_view(), name="analytics-unanswered"),
    path(
        "tenant/analytics/unanswered.csv",
        analytics_unanswered.UnansweredCsvView.as_view(),
        name="analytics-unanswered-csv",
    ),
    path("tenant/budgets", budgets.BudgetsView.as_view(), name="budgets"),
    path("tenant/budgets/<uuid:budget_id>", budgets.BudgetView.as_view(), name="budget"),
    path("tenant/conversations", inbox.InboxView.as_view(), name="inbox"),
    path("tenant/conversations/export", export.ExportView.as_view(), name="inbox-export"),
    path(
        "tenant/conversations/<uuid:conversation_id>",
        inbox.InboxConversationView.as_view(),
        name="inbox-conversation",
    ),
    path(
        "tenant/conversations/<uuid:conversation_id>/messages",
        inbox.InboxConversationMessagesView.as_view(),
        name="inbox-conversation-messages",
    ),
    path(
        "tenant/conversations/<uuid:conversation_id>/take-over",
        inbox_people.TakeOverView.as_view(),
        name="inbox-take-over",
    ),
    path(
        "tenant/conversations/<uuid:conversation_id>/hand-back",
        inbox_people.HandBackView.as_view(),
        name="inbox-hand-back",
    ),
    path("tenant/conversations/<uuid:conversation_id>/reply", inbox_people.ReplyView.as_view(), name="inbox-reply"),
    path("tenant/conversations/<uuid:conversation_id>/end", inbox_people.InboxEndView.as_view(), name="inbox-end"),
    path(
        "tenant/conversations/<uuid:conversation_id>/events",
        inbox_people.InboxEventsView.as_view(),
        name="inbox-events",
    ),
    path("tenant/messages", inbox_messages.InboxMessagesView.as_view(), name="inbox-messages"),
    path("tenant/messages/<uuid:message_id>", inbox_messages.InboxMessageView.as_view(), name="inbox-message"),
    path("tenant/messages/<uuid:message_id>/correct", corrections.CorrectView.as_view(), name="inbox-correct"),
    path("tenant/messages/<uuid:message_id>/dismissal", dismissals.DismissalView.as_view(), name="inbox-dismissal"),
    path("tenant/usage", usage.UsageView.as_view(), name="usage"),
    path("tenant/usage.csv", usage.UsageCsvView.as_view(), name="usage-csv"),
    path("tenant/quota", usage.QuotaView.as_view(), name="quota"),
    path("tenant/feedback", inbox_messages.InboxFeedbackView.as_view(), name="inbox-feedback"),
    path("chat/completions", completions.ChatCompletionsView.as_view(), name="openai-chat-completions"),
    path("responses", responses.ResponsesView.as_view(), name="openai-responses"),
    path("responses/<str:response_id>", responses.ResponseView.as_view(), name="openai-response"),
    path("models", models.ModelListView.as_view(), name="openai-models"),
    path("models/<str:model>", models.ModelDetailView.as_view(), name="openai-model"),
]
