"""A bot's settings and its look: drafted by a form, tried beside it."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bots import services
from bots.exceptions import BotSettingsError, NothingToPublishError
from bots.forms import BotForm, LookForm
from bots.forms.settings import MODELS_LIST
from bots.history import draft_of
from bots.look import Look
from bots.models import Bot
from bots.notices import known_providers, notices_of
from bots.offers import offers
from bots.services import DraftChanges
from bots.views.frame import CHANGED_MEANWHILE, as_seen, bot_page, found
from chatcms.core.exceptions import PreconditionFailedError
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability

PUBLISH = "publish"


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.BOTS_READ)
def edit(visit: Visit, bot_id: uuid.UUID) -> HttpResponse:
    """Show the settings beside the playground; save them as the draft, or publish them at once."""
    bot = found(visit, bot_id)
    draft = draft_of(bot)
    form = BotForm(visit.request.POST or None, offers=offers(by=visit.actor), settings=draft.settings)
    if visit.request.method == "POST":
        visit.need(Capability.BOTS_WRITE)
        if form.is_valid() and _saved(visit, bot, form, form.values()):
            return visit.redirect("bots:edit", bot.pk)
        bot = found(visit, bot_id)
    values = {
        "form": form,
        "draft": draft,
        "models_list": MODELS_LIST,
        "next_version": bot.version + 1,
        "notices": notices_of(draft.settings, known_providers()),
    }
    return bot_page(visit, bot, "portal/bots/bot_edit.html", values, status=_status(form))


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.BOTS_READ)
def look(visit: Visit, bot_id: uuid.UUID) -> HttpResponse:
    """Show how the widget looks beside the widget itself; save it as the draft, or publish it at once."""
    bot = found(visit, bot_id)
    draft = draft_of(bot)
    form = LookForm(visit.request.POST or None, settings=draft.settings)
    if visit.request.method == "POST":
        visit.need(Capability.BOTS_WRITE)
        if form.is_valid() and _saved(visit, bot, form, {"look": form.values()}):
            return visit.redirect("bots:look", bot.pk)
        bot = found(visit, bot_id)
    values = {"form": form, "draft": draft, "next_version": bot.version + 1, "profile": _profile(bot, draft.settings)}
    return bot_page(visit, bot, "portal/bots/bot_look.html", values, status=_status(form))


def _saved(visit: Visit, bot: Bot, form: BotForm | LookForm, changes: DraftChanges) -> bool:
    """Save the draft, and publish it if that is asked for; put what stands in the way into the form."""
    try:
        with as_seen(visit, bot):
            changed = services.edit_draft(by=visit.actor, bot=bot, **changes)
            if PUBLISH not in visit.request.POST:
                visit.saved(_("The draft is saved. Visitors get it when you publish it."))
                return True
            published = services.publish_bot(by=visit.actor, bot=changed)
    except BotSettingsError as error:
        form.refuse(error)
    except PreconditionFailedError:
        form.add_error(None, CHANGED_MEANWHILE)
    except NothingToPublishError:
        visit.saved(_("Nothing differs from what visitors get already."))
        return True
    else:
        visit.saved(_("Version %(n)s is published.") % {"n": published.version})
        return True
    return False


def _profile(bot: Bot, settings: dict[str, Any]) -> dict[str, Any]:
    """Return what the widget is told of a bot, as the draft has it."""
    names = ("name", "description", "welcome_message", "suggested_questions")
    shown = {name: settings[name] for name in names}
    return {"id": str(bot.pk), "slug": bot.slug, **shown, "look": Look.read(settings["look"]).stored()}


def _status(form: BotForm | LookForm) -> int:
    return 422 if form.errors else 200
