"""What is done to a bot as a whole: copied, switched off, put away, deleted."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from bots import losses, services
from bots.forms import NameForm
from bots.models import Bot
from bots.views.frame import bot_page, found
from chatcms.core.pages.forms import TypedNameForm
from chatcms.core.pages.refusals import refusals_in
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability


@require_GET
@tenant_page(Capability.BOTS_READ)
def danger(visit: Visit, bot_id: uuid.UUID) -> HttpResponse:
    """Show what can be done to the bot as a whole, and what deleting it would lose."""
    return _page(visit, found(visit, bot_id))


@require_POST
@tenant_page(Capability.BOTS_WRITE)
def switch(visit: Visit, bot_id: uuid.UUID) -> HttpResponse:
    """Switch the bot off, or on again."""
    bot = found(visit, bot_id)
    bot = services.update_bot(by=visit.actor, bot=bot, is_active=not bot.is_active)
    visit.saved(_("The bot is on.") if bot.is_active else _("The bot is off: nobody can talk to it."))
    return visit.redirect("bots:danger", bot_id)


@require_POST
@tenant_page(Capability.BOTS_WRITE)
def archive(visit: Visit, bot_id: uuid.UUID) -> HttpResponse:
    """Put the bot away."""
    services.archive_bot(by=visit.actor, bot=found(visit, bot_id))
    visit.saved(_("The bot is archived: nobody can talk to it, and your plan does not count it."))
    return visit.redirect("bots:danger", bot_id)


@require_POST
@tenant_page(Capability.BOTS_WRITE)
def unarchive(visit: Visit, bot_id: uuid.UUID) -> HttpResponse:
    """Take the bot out of the archive."""
    bot = services.restore_bot(by=visit.actor, bot=found(visit, bot_id))
    visit.saved(_("“%(name)s” is back.") % {"name": bot.name})
    return visit.redirect("bots:edit", bot_id)


@require_POST
@tenant_page(Capability.BOTS_WRITE)
def duplicate(visit: Visit, bot_id: uuid.UUID) -> HttpResponse:
    """Make a bot like this one."""
    bot = found(visit, bot_id)
    form = NameForm(visit.request.POST)
    if form.is_valid():
        with refusals_in(form):
            copy = services.duplicate_bot(by=visit.actor, bot=bot, name=form.cleaned_data["name"])
            visit.saved(_("This is the copy."))
            return visit.redirect("bots:edit", copy.pk)
    return _page(visit, bot, form, status=422)


@require_POST
@tenant_page(Capability.BOTS_WRITE)
def delete(visit: Visit, bot_id: uuid.UUID) -> HttpResponse:
    """Delete the bot whose name was typed."""
    bot = found(visit, bot_id)
    typed = TypedNameForm(visit.request.POST, name=bot.name)
    if not typed.is_valid():
        return _page(visit, bot, problem=_("Nothing was deleted: the name was not typed as it is."), status=422)
    services.delete_bot(by=visit.actor, bot=bot)
    visit.saved(_("“%(name)s” is deleted.") % {"name": bot.name})
    return visit.redirect("bots:list")


def _page(
    visit: Visit, bot: Bot, form: NameForm | None = None, *, problem: str = "", status: int = 200
) -> HttpResponse:
    form = form or NameForm(initial={"name": _("%(name)s (copy)") % {"name": bot.name[:240]}})
    values = {"form": form, "losses": losses.losses_of(bot), "problem": problem}
    return bot_page(visit, bot, "portal/bots/bot_danger.html", values, status=status)
