"""The addresses of a person's own account, below no tenant."""

from django.urls import path

from tenants.views import account, invitations, passwords

app_name = "account"

urlpatterns = [
    path("account/", account.profile, name="profile"),
    path("account/password/", account.password, name="password"),
    path("password-reset/", passwords.forgotten, name="forgotten"),
    # Without a slash at the end: as they are in mails.
    path("password-reset/<str:token>", passwords.reset, name="reset"),
    path("invitations/<str:token>", invitations.invitation, name="invitation"),
]
