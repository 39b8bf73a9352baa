"""The addresses of this app's pages, below `/t/<slug>/`."""

from django.urls import path

from chat.views import analytics, asking, budgets, playground

app_name = "chat"

urlpatterns = [
    path("analytics/", analytics.analytics, name="analytics"),
    path("analytics/figures.csv", analytics.figures_csv, name="analytics-csv"),
    path("analytics/documents.csv", analytics.documents_csv, name="analytics-documents-csv"),
    path("bots/<uuid:bot_id>/ask/", asking.ask, name="ask"),
    path("bots/<uuid:bot_id>/playground/", playground.ask, name="playground"),
    path("messages/<uuid:message_id>/", asking.answer, name="answer"),
    path("settings/budgets/", budgets.budgets, name="budgets"),
    path("settings/budgets/<uuid:budget_id>/", budgets.edit, name="budget-edit"),
    path("settings/budgets/<uuid:budget_id>/delete/", budgets.delete, name="budget-delete"),
]
