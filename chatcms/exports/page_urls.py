"""The addresses of this app's pages, below `/t/<slug>/`."""

from __future__ import annotations

from django.urls import path

from chatcms.exports.views import exports

app_name = "exports"

urlpatterns = [
    path("settings/exports/", exports.exports, name="list"),
    path("settings/exports/new/", exports.create, name="create"),
    path("settings/exports/<uuid:export_id>/", exports.download, name="download"),
]
