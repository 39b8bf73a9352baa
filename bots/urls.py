"""Addresses of the bots API, below /v1/."""

from django.urls import path

from bots.api import curated, views

urlpatterns = [
    path("tenant/bots", views.BotsView.as_view(), name="bots"),
    path("tenant/bots/<uuid:bot_id>", views.BotView.as_view(), name="bot"),
    path("tenant/bots/<uuid:bot_id>/duplicate", views.BotDuplicateView.as_view(), name="bot-duplicate"),
    path("tenant/bots/<uuid:bot_id>/archive", views.BotArchiveView.as_view(), name="bot-archive"),
    path("tenant/bots/<uuid:bot_id>/restore", views.BotRestoreView.as_view(), name="bot-restore"),
    path("tenant/bots/<uuid:bot_id>/curated-answers", curated.CuratedAnswersView.as_view(), name="curated-answers"),
    path("tenant/curated-answers/<uuid:curated_answer_id>", curated.CuratedAnswerView.as_view(), name="curated-answer"),
]
