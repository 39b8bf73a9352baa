"""The addresses of this app's pages, below `/t/<slug>/`."""

from __future__ import annotations

from django.urls import path

from providers.views import providers

app_name = "providers"

urlpatterns = [
    path("settings/providers/", providers.providers, name="list"),
    path("settings/providers/new/", providers.create, name="create"),
    path("settings/providers/use/<uuid:global_id>/", providers.use, name="use"),
    path("settings/providers/<uuid:provider_id>/", providers.edit, name="edit"),
    path("settings/providers/<uuid:provider_id>/test/", providers.test, name="test"),
    path("settings/providers/<uuid:provider_id>/default/", providers.make_default, name="default"),
    path("settings/providers/<uuid:provider_id>/delete/", providers.delete, name="delete"),
]
