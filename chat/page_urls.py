"""The addresses of this app's pages, below `/t/<slug>/`."""

from django.urls import path

from chat.views import analytics, asking, budgets, playground
from chat.views.inbox import conversation, correcting, listing, people

app_name = "chat"

urlpatterns = [
    path("analytics/", analytics.analytics, name="analytics"),
    path("analytics/figures.csv", analytics.figures_csv, name="analytics-csv"),
    path("analytics/documents.csv", analytics.documents_csv, name="analytics-documents-csv"),
    path("analytics/unanswered.csv", analytics.unanswered_csv, name="analytics-unanswered-csv"),
    path("conversations/", listing.conversations, name="inbox"),
    path("conversations/feedback/", listing.feedback, name="feedback"),
    path("conversations/export/<slug:file_format>/", listing.export, name="inbox-export"),
    path("conversations/<uuid:conversation_id>/", conversation.conversation, name="conversation"),
    path("conversations/<uuid:conversation_id>/events/", conversation.events, name="conversation-events"),
    path("conversations/<uuid:conversation_id>/handling/", conversation.handling, name="handling"),
    path("conversations/<uuid:conversation_id>/take-over/", people.take_over, name="take-over"),
    path("conversations/<uuid:conversation_id>/hand-back/", people.hand_back, name="hand-back"),
    path("conversations/<uuid:conversation_id>/reply/", people.reply, name="reply"),
    path("conversations/<uuid:conversation_id>/end/", people.end, name="end"),
    path("conversations/<uuid:conversation_id>/delete/", conversation.delete, name="conversation-delete"),
    path(
        "conversations/<uuid:conversation_id>/export/<slug:file_format>/",
        listing.export_one,
        name="conversation-export",
    ),
    path("messages/<uuid:message_id>/correct/", correcting.correct, name="correct"),
    path("messages/<uuid:message_id>/dismiss/", analytics.dismiss, name="question-dismiss"),
    path("messages/<uuid:message_id>/show-again/", analytics.show_again, name="question-show-again"),
    path("bots/<uuid:bot_id>/answer/", correcting.answer, name="answer-question"),
    path("bots/<uuid:bot_id>/ask/", asking.ask, name="ask"),
    path("bots/<uuid:bot_id>/playground/", playground.ask, name="playground"),
    path("messages/<uuid:message_id>/", asking.answer, name="answer"),
    path("settings/budgets/", budgets.budgets, name="budgets"),
    path("settings/budgets/<uuid:budget_id>/", budgets.edit, name="budget-edit"),
    path("settings/budgets/<uuid:budget_id>/delete/", budgets.delete, name="budget-delete"),
]
