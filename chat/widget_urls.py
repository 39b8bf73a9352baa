"""The addresses that visitors of tenants' sites load: the widget's script, hosted pages, frames."""

from __future__ import annotations

from django.urls import path

from chat.visitors.views import widget

app_name = "widget"

urlpatterns = [
    path("widget/v1.js", widget.script, name="script"),
    path("widget/v1.<str:digest>.js", widget.script, name="script-version"),
    path("chat/<str:public_id>", widget.hosted, name="hosted"),
    path("embed/<str:public_id>", widget.framed, name="framed"),
]
