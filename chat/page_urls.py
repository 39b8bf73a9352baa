"""The addresses of this app's pages, below `/t/<slug>/`."""

from django.urls import path

from chat.views import asking

app_name = "chat"

urlpatterns = [
    path("bots/<uuid:bot_id>/ask/", asking.ask, name="ask"),
    path("messages/<uuid:message_id>/", asking.answer, name="answer"),
]
