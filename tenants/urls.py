"""Addresses of signing in, of the platform's API and of what a tenant keeps of itself, under /v1/."""

from django.urls import include, path

from tenants.api import openapi as _bearer_scheme  # noqa: F401 - registers itself with the schema
from tenants.api.audit import AuditCsvView, AuditView
from tenants.api.grants import AccessGrantApproveView, AccessGrantRevokeView, AccessGrantsView
from tenants.api.invitations import InvitationResendView, InvitationsView, InvitationView
from tenants.api.keys import ApiKeysView, ApiKeyView
from tenants.api.member_requests import MemberRequestApproveView, MemberRequestDeclineView, MemberRequestsView
from tenants.api.members import MembersView, MemberView
from tenants.api.settings import IdentitySecretView, LogoView, SettingsView

urlpatterns = [
    path("admin/", include("tenants.api.platform.urls")),
    path("auth/", include("tenants.api.auth.urls")),
    path("tenant/access-grants", AccessGrantsView.as_view(), name="access-grants"),
    path("tenant/access-grants/<uuid:grant_id>/approve", AccessGrantApproveView.as_view(), name="access-grant-approve"),
    path("tenant/access-grants/<uuid:grant_id>/revoke", AccessGrantRevokeView.as_view(), name="access-grant-revoke"),
    path("tenant/api-keys", ApiKeysView.as_view(), name="api-keys"),
    path("tenant/api-keys/<uuid:key_id>", ApiKeyView.as_view(), name="api-key"),
    path("tenant/audit", AuditView.as_view(), name="audit"),
    path("tenant/audit.csv", AuditCsvView.as_view(), name="audit-csv"),
    path("tenant/settings", SettingsView.as_view(), name="settings"),
    path("tenant/settings/logo", LogoView.as_view(), name="logo"),
    path("tenant/identity-secret", IdentitySecretView.as_view(), name="identity-secret"),
    path("tenant/member-requests", MemberRequestsView.as_view(), name="member-requests"),
    path(
        "tenant/member-requests/<uuid:request_id>/approve",
        MemberRequestApproveView.as_view(),
        name="member-request-approve",
    ),
    path(
        "tenant/member-requests/<uuid:request_id>/decline",
        MemberRequestDeclineView.as_view(),
        name="member-request-decline",
    ),
    path("tenant/members", MembersView.as_view(), name="members"),
    path("tenant/members/<uuid:member_id>", MemberView.as_view(), name="member"),
    path("tenant/invitations", InvitationsView.as_view(), name="invitations"),
    path("tenant/invitations/<uuid:invitation_id>", InvitationView.as_view(), name="invitation"),
    path("tenant/invitations/<uuid:invitation_id>/resend", InvitationResendView.as_view(), name="invitation-resend"),
]
