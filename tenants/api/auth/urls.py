"""Addresses of signing in and of one's own account, below /v1/auth/."""

from django.urls import path

from tenants.api.auth import account, invitations, passwords, tokens

urlpatterns = [
    path("token", tokens.TokenView.as_view(), name="auth-token"),
    path("token/refresh", tokens.TokenRefreshView.as_view(), name="auth-token-refresh"),
    path("logout", tokens.SignOutView.as_view(), name="auth-logout"),
    path("switch", tokens.SwitchView.as_view(), name="auth-switch"),
    path("me", account.CallerView.as_view(), name="auth-me"),
    path("memberships", account.OwnMembershipsView.as_view(), name="auth-memberships"),
    path("password", passwords.PasswordView.as_view(), name="auth-password"),
    path("password-reset", passwords.PasswordResetView.as_view(), name="auth-password-reset"),
    path("password-reset/confirm", passwords.PasswordResetConfirmView.as_view(), name="auth-password-reset-confirm"),
    path("invitation/preview", invitations.InvitationPreviewView.as_view(), name="auth-invitation-preview"),
    path("invitation/accept", invitations.InvitationAcceptView.as_view(), name="auth-invitation-accept"),
]
