"""Addresses of the bots API, below /v1/."""

from django.urls import path

from bots.api import catalogue, curated, versions, views

_BOT = "tenant/bots/<uuid:bot_id>"

urlpatterns = [
    path("tenant/bot-templates", catalogue.BotTemplatesView.as_view(), name="bot-templates"),
    path("tenant/bots", views.BotsView.as_view(), name="bots"),
    path(_BOT, views.BotView.as_view(), name="bot"),
    path(f"{_BOT}/duplicate", views.BotDuplicateView.as_view(), name="bot-duplicate"),
    path(f"{_BOT}/archive", views.BotArchiveView.as_view(), name="bot-archive"),
    path(f"{_BOT}/restore", views.BotRestoreView.as_view(), name="bot-restore"),
    path(f"{_BOT}/draft", versions.BotDraftView.as_view(), name="bot-draft"),
    path(f"{_BOT}/publish", versions.BotPublishView.as_view(), name="bot-publish"),
    path(f"{_BOT}/versions", versions.BotVersionsView.as_view(), name="bot-versions"),
    path(f"{_BOT}/versions/compare", versions.BotDifferencesView.as_view(), name="bot-versions-compare"),
    path(f"{_BOT}/versions/<int:number>", versions.BotVersionView.as_view(), name="bot-version"),
    path(f"{_BOT}/versions/<int:number>/restore", versions.BotVersionRestoreView.as_view(), name="bot-version-restore"),
    path(f"{_BOT}/sightings", catalogue.BotSightingsView.as_view(), name="bot-sightings"),
    path(f"{_BOT}/curated-answers", curated.CuratedAnswersView.as_view(), name="curated-answers"),
    path("tenant/curated-answers/<uuid:curated_answer_id>", curated.CuratedAnswerView.as_view(), name="curated-answer"),
]
