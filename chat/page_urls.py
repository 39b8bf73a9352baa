"""The addresses of this app's pages, below `/t/<slug>/`."""

from django.urls import path

from chat.analytics.views import pages
from chat.inbox.views import conversation, corrections, lists, takeover
from chat.money.views import budgets
from chat.turns.views import ask, playground

app_name = "chat"

urlpatterns = [
    path("analytics/", pages.analytics, name="analytics"),
    path("analytics/figures.csv", pages.figures_csv, name="analytics-csv"),
    path("analytics/documents.csv", pages.documents_csv, name="analytics-documents-csv"),
    path("analytics/unanswered.csv", pages.unanswered_csv, name="analytics-unanswered-csv"),
    path("conversations/", lists.conversations, name="inbox"),
    path("conversations/feedback/", lists.feedback, name="feedback"),
    path("conversations/export/<slug:file_format>/", lists.export, name="inbox-export"),
    path("conversations/<uuid:conversation_id>/", conversation.conversation, name="conversation"),
    path("conversations/<uuid:conversation_id>/events/", conversation.events, name="conversation-events"),
    path("conversations/<uuid:conversation_id>/handling/", conversation.handling, name="handling"),
    path("conversations/<uuid:conversation_id>/take-over/", takeover.take_over, name="take-over"),
    path("conversations/<uuid:conversation_id>/hand-back/", takeover.hand_back, name="hand-back"),
    path("conversations/<uuid:conversation_id>/reply/", takeover.reply, name="reply"),
    path("conversations/<uuid:conversation_id>/end/", takeover.end, name="end"),
    path("conversations/<uuid:conversation_id>/delete/", conversation.delete, name="conversation-delete"),
    path(
        "conversations/<uuid:conversation_id>/export/<slug:file_format>/",
        lists.export_one,
        name="conversation-export",
    ),
    path("messages/<uuid:message_id>/correct/", corrections.correct, name="correct"),
    path("messages/<uuid:message_id>/dismiss/", pages.dismiss, name="question-dismiss"),
    path("messages/<uuid:message_id>/show-again/", pages.show_again, name="question-show-again"),
    path("bots/<uuid:bot_id>/answer/", corrections.answer, name="answer-question"),
    path("bots/<uuid:bot_id>/ask/", ask.ask, name="ask"),
    path("bots/<uuid:bot_id>/playground/", playground.ask, name="playground"),
    path("messages/<uuid:message_id>/", ask.answer, name="answer"),
    path("settings/budgets/", budgets.budgets, name="budgets"),
    path("settings/budgets/<uuid:budget_id>/", budgets.edit, name="budget-edit"),
    path("settings/budgets/<uuid:budget_id>/delete/", budgets.delete, name="budget-delete"),
]
