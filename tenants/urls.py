"""Addresses of signing in, of the platform's API and of a tenant's API keys, under /v1/."""

from django.urls import include, path

from tenants.api import openapi as _bearer_scheme  # noqa: F401 - registers itself with the schema
from tenants.api.grants import AccessGrantApproveView, AccessGrantRevokeView, AccessGrantsView
from tenants.api.keys import ApiKeysView, ApiKeyView

urlpatterns = [
    path("admin/", include("tenants.api.platform.urls")),
    path("auth/", include("tenants.api.auth.urls")),
    path("tenant/access-grants", AccessGrantsView.as_view(), name="access-grants"),
    path("tenant/access-grants/<uuid:grant_id>/approve", AccessGrantApproveView.as_view(), name="access-grant-approve"),
    path("tenant/access-grants/<uuid:grant_id>/revoke", AccessGrantRevokeView.as_view(), name="access-grant-revoke"),
    path("tenant/api-keys", ApiKeysView.as_view(), name="api-keys"),
    path("tenant/api-keys/<uuid:key_id>", ApiKeyView.as_view(), name="api-key"),
]
