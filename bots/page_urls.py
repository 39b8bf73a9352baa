"""The addresses of this app's pages, below `/t/<slug>/`."""

from __future__ import annotations

from django.urls import path

from bots.views import answers, bots, keeping, reaching, settings, versions

app_name = "bots"

_BOT = "bots/<uuid:bot_id>/"

urlpatterns = [
    path("bots/", bots.bots, name="list"),
    path("bots/new/", bots.create, name="create"),
    path(_BOT, settings.edit, name="edit"),
    path(f"{_BOT}look/", settings.look, name="look"),
    path(f"{_BOT}answers/", answers.answers, name="answers"),
    path(f"{_BOT}answers/new/", answers.create, name="answer-create"),
    path(f"{_BOT}answers/<uuid:curated_answer_id>/", answers.edit, name="answer-edit"),
    path(f"{_BOT}answers/<uuid:curated_answer_id>/delete/", answers.delete, name="answer-delete"),
    path(f"{_BOT}versions/", versions.versions, name="versions"),
    path(f"{_BOT}versions/<int:number>/restore/", versions.restore, name="version-restore"),
    path(f"{_BOT}draft/discard/", versions.discard, name="discard"),
    path(f"{_BOT}embed/", reaching.embed, name="embed"),
    path(f"{_BOT}embed/sightings/", reaching.sightings, name="sightings"),
    path(f"{_BOT}api/", reaching.programs, name="api"),
    path(f"{_BOT}danger/", keeping.danger, name="danger"),
    path(f"{_BOT}switch/", keeping.switch, name="switch"),
    path(f"{_BOT}archive/", keeping.archive, name="archive"),
    path(f"{_BOT}unarchive/", keeping.unarchive, name="unarchive"),
    path(f"{_BOT}duplicate/", keeping.duplicate, name="duplicate"),
    path(f"{_BOT}delete/", keeping.delete, name="delete"),
]
