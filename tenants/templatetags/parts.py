"""Small parts of pages: icons, times, column heads."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tenants.pages.listing import SORT, Listing

register = template.Library()

JUST_NOW_SECONDS = 60


@register.filter
def spoken(value: object) -> str:
    """Write a value of an audit line as people do: a list with commas, yes and no, what was and what is."""
    if isinstance(value, dict):
        return ", ".join(f"{name}: {_changed(each)}" for name, each in value.items())
    if value is None or value == "":
        return "–"
    if isinstance(value, list):
        return ", ".join(str(each) for each in value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return str(value)


def _changed(value: object) -> str:
    if isinstance(value, list) and len(value) == 2:
        return f"{spoken(value[0])} → {spoken(value[1])}"
    return spoken(value)


_DETAILS = {
    "address": gettext_lazy("from"),
    "attempts": gettext_lazy("attempt"),
    "changed": gettext_lazy("fields"),
    "changes": gettext_lazy("from → to"),
    "conversations": gettext_lazy("conversations"),
    "messages": gettext_lazy("messages"),
    "door": gettext_lazy("at"),
    "method": gettext_lazy("with"),
    "step": gettext_lazy("step"),
    "file_format": gettext_lazy("as"),
    "asked": gettext_lazy("only"),
}


@register.filter
def detail_name(name: str) -> str:
    """Say in words what a detail of an audit line is; what has none is shown as the API calls it."""
    return str(_DETAILS.get(name, name))


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw an icon of `img/icons.svg`; the words beside it say what it means."""
    return format_html(
        '<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', static("img/icons.svg"), name
    )


@register.simple_tag
def when(moment: datetime | None, otherwise: str = "–") -> str:
    """Say a time relative to now, with the exact one on hover; `js/times.js` keeps it true."""
    if moment is None:
        return otherwise
    exact = date_format(timezone.localtime(moment), "DATETIME_FORMAT")
    return format_html(
        '<time datetime="{}" title="{}" data-relative>{}</time>', moment.isoformat(), exact, relative(moment)
    )


def relative(moment: datetime) -> str:
    """Return how long ago `moment` was, or in how long it will be, in the largest unit."""
    now = timezone.now()
    if abs((now - moment).total_seconds()) < JUST_NOW_SECONDS:
        return _("just now")
    if moment > now:
        return _("in %(time)s") % {"time": timesince(now, moment, depth=1)}
    return _("%(time)s ago") % {"time": timesince(moment, now, depth=1)}


@register.inclusion_tag("components/column.html", takes_context=True)
def column(context: template.Context, listing: Listing[Any], word: str, label: str, css: str = "") -> dict[str, Any]:
    """Head a column of a table that one can sort by; `word` is the order's name in the address."""
    descending = listing.sort == f"-{word}"
    ascending = listing.sort == word
    query = context["request"].GET.copy()
    query.pop("cursor", None)
    query[SORT] = word if descending else f"-{word}" if ascending else word
    state = "descending" if descending else "ascending" if ascending else "none"
    return {"label": label, "href": f"?{query.urlencode()}", "state": state, "css": css}
