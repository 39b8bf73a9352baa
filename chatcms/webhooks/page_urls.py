"""The addresses of this app's pages, below `/t/<slug>/`."""

from __future__ import annotations

from django.urls import URLPattern

app_name = "webhooks"

urlpatterns: list[URLPattern] = []
