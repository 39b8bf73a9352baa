"""The addresses of the portal: its own pages, and below `/t/<slug>/` those of every app."""

from django.templatetags.static import static
from django.urls import include, path
from django.utils.functional import lazy
from django.views.generic import RedirectView

from chatcms.portal.views import access, dashboard, first_steps, keys, preferences, sample, settings, styles

# Late, since commands load the addresses before static files are collected.
_static = lazy(static, str)

_own = [
    path("favicon.ico", RedirectView.as_view(url=_static("img/favicon.svg"))),
    path("", access.home, name="home"),
    path("sign-in/", access.sign_in, name="sign-in"),
    path("signed-in/", access.signed_in, name="signed-in"),
    path("resume/", access.resume, name="resume"),
    path("sign-out/", access.sign_out, name="sign-out"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("styles/", styles.index, name="styles"),
    path("styles/<slug:name>/", styles.part, name="style"),
    path("t/<slug:slug>/", dashboard.dashboard, name="dashboard"),
    path("t/<slug:slug>/under-way/", dashboard.under_way, name="under-way"),
    path("t/<slug:slug>/first-steps/dataset/", first_steps.create_dataset, name="first-dataset"),
    path("t/<slug:slug>/first-steps/documents/", first_steps.upload, name="first-documents"),
    path("t/<slug:slug>/first-steps/bot/", first_steps.create_bot, name="first-bot"),
    path("t/<slug:slug>/first-steps/hide/", first_steps.hide, name="hide-steps"),
    path("t/<slug:slug>/sample/add/", sample.add, name="sample-add"),
    path("t/<slug:slug>/sample/remove/", sample.remove, name="sample-remove"),
    path("t/<slug:slug>/settings/", settings.settings, name="settings"),
    path("t/<slug:slug>/settings/keys/", keys.keys, name="keys"),
    path("t/<slug:slug>/settings/keys/new/", keys.create, name="key-create"),
    path("t/<slug:slug>/settings/keys/<uuid:key_id>/", keys.edit, name="key"),
    path("t/<slug:slug>/settings/keys/<uuid:key_id>/revoke/", keys.revoke, name="key-revoke"),
]

urlpatterns = [
    path("", include((_own, "portal"))),
    path("", include("tenants.account_urls")),
    path("", include("tenants.public_urls")),
    path("t/<slug:slug>/", include("tenants.page_urls")),
    path("t/<slug:slug>/", include("providers.page_urls")),
    path("t/<slug:slug>/", include("chatcms.webhooks.page_urls")),
    path("t/<slug:slug>/", include("datasets.page_urls")),
    path("t/<slug:slug>/", include("bots.page_urls")),
    path("t/<slug:slug>/", include("chat.page_urls")),
    path("t/<slug:slug>/", include("chatcms.exports.page_urls")),
]
