"""What anybody may load to talk to a bot: the widget's script, a bot's hosted page, and its frame for other pages."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from bots.exceptions import NoSuchBotError
from chat.visitors.services.admission import ShownBot, shown_bot
from chat.visitors.widget.script import widget_script
from chatcms.core.http.caching import FOR_GOOD

# Pages that name no version get a new one within minutes; what names its content never changes.
_SHORT = "public, max-age=300, stale-while-revalidate=86400"
_POLICY = {"require-trusted-types-for": ["'script'"], "trusted-types": ["'none'"]}


@require_safe
def script(request: HttpRequest, digest: str | None = None) -> HttpResponse:
    """Give the widget's script to pages of any origin; by a digest only if it is the present one's."""
    present = widget_script()
    if digest not in {None, present.digest}:
        text = f"There is no such version of the widget any more. The present one is {present.digest}.\n"
        return HttpResponse(text, status=404, content_type="text/plain; charset=utf-8")
    headers = {
        "ETag": present.etag,
        "Cache-Control": FOR_GOOD if digest else _SHORT,
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    if request.headers.get("If-None-Match") == present.etag:
        return HttpResponse(status=304, headers=headers)
    takes_gzip = "gzip" in request.headers.get("Accept-Encoding", "")
    if takes_gzip:
        headers["Content-Encoding"] = "gzip"
    body = present.compressed if takes_gzip else present.text
    response = HttpResponse(body, content_type="text/javascript; charset=utf-8", headers=headers)
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


@require_safe
def hosted(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a bot on its own page, if it has one; no page may frame it."""
    try:
        shown = shown_bot(public_id)
    except NoSuchBotError:
        return _refused(request)
    if not shown.bot.hosted_page:
        return _refused(request)
    response = _page(request, public_id, shown)
    response._csp_update = _POLICY  # type: ignore[attr-defined]
    return response


@require_safe
@xframe_options_exempt
def framed(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a bot inside pages of its allowed origins; which these are, the browser is told and sees to."""
    try:
        shown = shown_bot(public_id)
    except NoSuchBotError:
        return _refused(request)
    if request.headers.get("Sec-Fetch-Dest") == "document" and shown.bot.hosted_page:
        return HttpResponseRedirect(reverse("widget:hosted", args=[public_id]))
    if not shown.bot.allowed_origins or request.headers.get("Sec-Fetch-Dest") == "document":
        return _refused(request)
    response = _page(request, public_id, shown)
    response._csp_update = _POLICY  # type: ignore[attr-defined]
    response._csp_replace = {"frame-ancestors": shown.bot.allowed_origins}  # type: ignore[attr-defined]
    return response


def _page(request: HttpRequest, public_id: str, shown: ShownBot) -> HttpResponse:
    look = shown.look
    chosen = None if look.language == "auto" else look.language
    with translation.override(chosen or translation.get_language_from_request(request)):
        values = {
            "public_id": public_id,
            "name": look.title or shown.bot.name,
            "description": shown.bot.description,
            "tenant_name": shown.tenant.name,
            "language": chosen or translation.get_language(),
            "scheme": look.theme if look.theme in {"light", "dark"} else "system",
        }
        response = render(request, "widget/page.html", values)
    patch_vary_headers(response, ["Accept-Language", "Sec-Fetch-Dest"])
    return response


def _refused(request: HttpRequest) -> HttpResponse:
    values = {
        "heading": _("There is no such chat"),
        "text": _("The address is not right, or this chat is not open any more. Ask whoever gave it to you."),
    }
    return render(request, "widget/refused.html", values, status=404)
