"""The addresses of this app's pages, below `/t/<slug>/`."""

from __future__ import annotations

from django.urls import path

from tenants.views import audit, domains, members, security, settings

app_name = "tenants"

urlpatterns = [
    path("settings/members/", members.members, name="members"),
    path("settings/members/invite/", members.invite, name="invite"),
    path("settings/members/<uuid:member_id>/", members.member, name="member"),
    path("settings/members/<uuid:member_id>/remove/", members.remove, name="member-remove"),
    path("settings/invitations/<uuid:invitation_id>/resend/", members.resend, name="invitation-resend"),
    path("settings/invitations/<uuid:invitation_id>/revoke/", members.revoke, name="invitation-revoke"),
    path("settings/branding/", settings.branding, name="branding"),
    path("settings/branding/logo/remove/", settings.remove_logo, name="logo-remove"),
    path("settings/domains/", domains.domains, name="domains"),
    path("settings/domains/<uuid:domain_id>/check/", domains.check, name="domain-check"),
    path("settings/domains/<uuid:domain_id>/remove/", domains.remove, name="domain-remove"),
    path("settings/identity-secret/", settings.identity_secret, name="identity-secret"),
    path("settings/identity-secret/remove/", settings.remove_identity_secret, name="identity-secret-remove"),
    path("settings/retention/", settings.retention, name="retention"),
    path("settings/security/", security.security, name="security"),
    path("settings/security/members/<uuid:request_id>/approve/", security.approve_member, name="member-approve"),
    path("settings/security/members/<uuid:request_id>/decline/", security.decline_member, name="member-decline"),
    path("settings/security/<uuid:grant_id>/approve/", security.approve, name="grant-approve"),
    path("settings/security/<uuid:grant_id>/close/", security.close, name="grant-close"),
    path("settings/audit/", audit.audit, name="audit"),
    path("settings/audit.csv", audit.audit_csv, name="audit-csv"),
]
