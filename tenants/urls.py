"""Addresses of signing in and of a tenant's API keys, under /v1/."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
