"""What all pages of one bot have in common: finding it, the tabs, and noticing that somebody else changed it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

from bots import selectors
from bots.models import Bot
from chatcms.core.api import preconditions
from tenants.pages import Visit
from tenants.pages.navigation import Link

SEEN = "seen"
_TABS = (
    ("bots:edit", _("Settings")),
    ("bots:look", _("Look")),
    ("bots:answers", _("Answers")),
    ("bots:versions", _("Versions")),
    ("bots:embed", _("Embed")),
    ("bots:api", _("API")),
    ("bots:danger", _("Copy, switch off, delete")),
)
CHANGED_MEANWHILE = _(
    "Somebody else has changed this bot since you opened the page. What you typed is still here: look at Versions in "
    "another tab if you want to know what it was, and save once more to have yours."
)


def found(visit: Visit, bot_id: uuid.UUID) -> Bot:
    """Return the bot; raise `NoSuchBotError`."""
    return selectors.bot_by_id(bot_id, by=visit.actor)


def bot_page(
    visit: Visit, bot: Bot, template: str, values: dict[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Render a page of the bot, with its tabs and what a form needs to notice changes by others."""
    shown = {"bot": bot, "bot_tabs": _tabs(visit, bot), "seen": preconditions.version_of(bot), **(values or {})}
    return visit.render(template, shown, status=status)


@contextmanager
def as_seen(visit: Visit, bot: Bot) -> Iterator[None]:
    """Carry the block out if the bot is as its form showed it; raise `PreconditionFailedError` otherwise."""
    with transaction.atomic():
        if seen := visit.request.POST.get(SEEN, ""):
            preconditions.locked_unchanged(bot, f'"{seen[:100]}"')
        yield


def _tabs(visit: Visit, bot: Bot) -> list[Link]:
    path = visit.request.path
    tabs = []
    for name, label in _TABS:
        url = visit.url(name, bot.pk)
        is_current = path == url if name == "bots:edit" else path.startswith(url)
        tabs.append(Link(label, "", "", url, is_current))
    return tabs
