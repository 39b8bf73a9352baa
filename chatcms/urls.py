"""Every address the product answers."""

from django.contrib import admin
from django.urls import include, path

from chatcms.apidocs.description import DescriptionView, RedocView, SwaggerView
from chatcms.health.report import ConditionView

urlpatterns = [
    path("v1/admin/condition", ConditionView.as_view(), name="platform-condition"),
    path("v1/schema", DescriptionView.as_view(), name="schema"),
    path("v1/docs", SwaggerView.as_view(url_name="schema", permission_classes=[]), name="docs"),
    path("v1/redoc", RedocView.as_view(url_name="schema", permission_classes=[]), name="redoc"),
    path("v1/", include("tenants.urls")),
    path("v1/", include("chatcms.webhooks.urls")),
    path("v1/", include("providers.urls")),
    path("v1/", include("datasets.urls")),
    path("v1/", include("bots.urls")),
    path("v1/", include("chat.urls")),
    path("admin/", admin.site.urls),
    path("", include("chat.widget_urls")),
    path("", include("chatcms.portal.urls")),
]

handler400 = "chatcms.core.pages.errors.bad_request"
handler403 = "chatcms.core.pages.errors.permission_denied"
handler404 = "chatcms.core.pages.errors.not_found"
handler500 = "chatcms.core.pages.errors.server_error"
