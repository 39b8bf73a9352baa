"""The addresses of a person's own account, below no tenant."""

from django.urls import path

from tenants.views import account, factors, invitations, passwords, proving, second_step, sign_ins

app_name = "account"

urlpatterns = [
    path("sign-in/second-step/", second_step.second, name="second-step"),
    path("sign-in/passkey/", second_step.by_passkey, name="by-passkey"),
    path("sign-in/passkey/options/", second_step.options, name="passkey-options"),
    path("account/", account.profile, name="profile"),
    path("account/password/", account.password, name="password"),
    path("account/prove/", proving.prove, name="prove"),
    path("account/prove/options/", proving.options, name="prove-options"),
    path("account/second-factors/", factors.factors, name="factors"),
    path("account/second-factors/app/", factors.add_app, name="factor-app"),
    path("account/second-factors/passkey/", factors.add_passkey, name="factor-passkey"),
    path("account/second-factors/passkey/options/", factors.passkey_options, name="factor-passkey-options"),
    path("account/second-factors/recovery-codes/", factors.recovery_codes, name="recovery-codes"),
    path("account/second-factors/<uuid:factor_id>/", factors.rename, name="factor-rename"),
    path("account/second-factors/<uuid:factor_id>/remove/", factors.remove, name="factor-remove"),
    path("account/sign-ins/", sign_ins.listed, name="sign-ins"),
    path("account/sign-ins/end/", sign_ins.end, name="sign-in-end"),
    path("account/sign-ins/end-others/", sign_ins.end_others, name="sign-ins-end-others"),
    path("password-reset/", passwords.forgotten, name="forgotten"),
    # Without a slash at the end: as they are in mails.
    path("password-reset/<str:token>", passwords.reset, name="reset"),
    path("invitations/<str:token>", invitations.invitation, name="invitation"),
]
