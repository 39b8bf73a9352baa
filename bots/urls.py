"""Addresses of the bots API, below /v1/."""

from django.urls import path

from bots.api import views

urlpatterns = [
    path("tenant/bots", views.BotsView.as_view(), name="bots"),
    path("tenant/bots/<uuid:bot_id>", views.BotView.as_view(), name="bot"),
]
