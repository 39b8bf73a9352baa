"""Addresses of signing in and of a tenant's API keys, under /v1/."""

from django.urls import include, path

from tenants.api import openapi as _bearer_scheme  # noqa: F401 - registers itself with the schema
from tenants.api.auth import CallerView, TokenRefreshView, TokenView
from tenants.api.keys import ApiKeysView, ApiKeyView

urlpatterns = [
    path("admin/", include("tenants.api.platform.urls")),
    path("auth/token", TokenView.as_view(), name="auth-token"),
    path("auth/token/refresh", TokenRefreshView.as_view(), name="auth-token-refresh"),
    path("auth/me", CallerView.as_view(), name="auth-me"),
    path("tenant/api-keys", ApiKeysView.as_view(), name="api-keys"),
    path("tenant/api-keys/<uuid:key_id>", ApiKeyView.as_view(), name="api-key"),
]
