"""What anybody may load of a tenant, below no page."""

from __future__ import annotations

from django.urls import path

from tenants.views import logos

app_name = "public"

urlpatterns = [path("logo/<slug:slug>/<str:name>", logos.logo, name="logo")]
