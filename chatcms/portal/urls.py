"""The addresses of the portal: its own pages, and below `/t/<slug>/` those of every app."""

from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from chatcms.portal.views import access, documents, keys, preferences, settings, styles, workspace

_own = [
    path("favicon.ico", RedirectView.as_view(url=static("img/favicon.svg"))),
    path("", access.home, name="home"),
    path("sign-in/", access.sign_in, name="sign-in"),
    path("signed-in/", access.signed_in, name="signed-in"),
    path("resume/", access.resume, name="resume"),
    path("sign-out/", access.sign_out, name="sign-out"),
    path("preferences/", preferences.preferences, name="preferences"),
    path("styles/", styles.index, name="styles"),
    path("styles/<slug:name>/", styles.part, name="style"),
    path("t/<slug:slug>/", workspace.workspace, name="dashboard"),
    path("t/<slug:slug>/settings/", settings.settings, name="settings"),
    path("t/<slug:slug>/settings/keys/", keys.keys, name="keys"),
    path("t/<slug:slug>/settings/keys/new/", keys.create, name="key-create"),
    path("t/<slug:slug>/settings/keys/<uuid:key_id>/", keys.edit, name="key"),
    path("t/<slug:slug>/settings/keys/<uuid:key_id>/revoke/", keys.revoke, name="key-revoke"),
    path("t/<slug:slug>/documents/", documents.documents, name="documents"),
    path("t/<slug:slug>/documents/<uuid:document_id>/retry/", documents.retry, name="document-retry"),
    path("t/<slug:slug>/documents/<uuid:document_id>/delete/", documents.delete, name="document-delete"),
]

urlpatterns = [
    path("", include((_own, "portal"))),
    path("", include("tenants.account_urls")),
    path("t/<slug:slug>/", include("tenants.page_urls")),
    path("t/<slug:slug>/", include("providers.page_urls")),
    path("t/<slug:slug>/", include("chatcms.webhooks.page_urls")),
    path("t/<slug:slug>/", include("datasets.page_urls")),
    path("t/<slug:slug>/", include("bots.page_urls")),
    path("t/<slug:slug>/", include("chat.page_urls")),
]
