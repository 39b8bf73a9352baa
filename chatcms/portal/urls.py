"""The addresses of the portal."""

from django.templatetags.static import static
from django.urls import path
from django.views.generic import RedirectView

from chatcms.portal.views import access, chat, documents, workspace

app_name = "portal"

urlpatterns = [
    path("favicon.ico", RedirectView.as_view(url=static("img/favicon.svg"))),
    path("", access.home, name="home"),
    path("sign-in/", access.sign_in, name="sign-in"),
    path("sign-out/", access.sign_out, name="sign-out"),
    path("t/<slug:slug>/", workspace.workspace, name="workspace"),
    path("t/<slug:slug>/documents/", documents.documents, name="documents"),
    path("t/<slug:slug>/documents/<uuid:document_id>/retry/", documents.retry, name="document-retry"),
    path("t/<slug:slug>/documents/<uuid:document_id>/delete/", documents.delete, name="document-delete"),
    path("t/<slug:slug>/bots/<uuid:bot_id>/ask/", chat.ask, name="ask"),
    path("t/<slug:slug>/messages/<uuid:message_id>/", chat.answer, name="answer"),
]
