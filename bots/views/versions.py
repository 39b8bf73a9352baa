"""A bot's versions: what differs, publishing the draft, discarding it, going back."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from bots import history, services
from bots.exceptions import BotReferenceGoneError, BotSettingsError, NothingToPublishError
from bots.forms import NoteForm
from bots.views.differing import shown_differences
from bots.views.frame import CHANGED_MEANWHILE, as_seen, bot_page, found
from chatcms.core.exceptions import PreconditionFailedError
from chatcms.core.pages.refusals import add_refusal
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.BOTS_READ)
def versions(visit: Visit, bot_id: uuid.UUID) -> HttpResponse:
    """List the versions, show how two states differ, and publish the draft."""
    bot = found(visit, bot_id)
    form = NoteForm(visit.request.POST or None)
    if visit.request.method == "POST":
        visit.need(Capability.BOTS_WRITE)
        if form.is_valid() and _published(visit, bot_id, form):
            return visit.redirect("bots:versions", bot_id)
        bot = found(visit, bot_id)
    before, after = _compared(visit, has_draft=bot.has_draft)
    values = {
        "form": form,
        "is_review": True,
        "listing": visit.listing(history.versions_of(bot).defer("settings"), default="-number"),
        "before": before,
        "after": after,
        "differences": shown_differences(bot, before=before, after=after) if before else None,
        "next_version": bot.version + 1,
    }
    return bot_page(visit, bot, "portal/bots/version_list.html", values, status=422 if form.errors else 200)


@require_POST
@tenant_page(Capability.BOTS_WRITE)
def discard(visit: Visit, bot_id: uuid.UUID) -> HttpResponse:
    """Forget the draft."""
    services.discard_draft(by=visit.actor, bot=found(visit, bot_id))
    visit.saved(_("The draft is discarded. The settings are those that visitors get."))
    return visit.redirect("bots:edit", bot_id)


@require_POST
@tenant_page(Capability.BOTS_WRITE)
def restore(visit: Visit, bot_id: uuid.UUID, number: int) -> HttpResponse:
    """Bring a version back into the draft."""
    _bot, gone = services.restore_version(by=visit.actor, bot=found(visit, bot_id), number=number)
    text = _("Version %(n)s is in the draft. Try it, then publish it.") % {"n": number}
    if gone:
        left_out = ngettext(
            "%(n)s dataset or provider of it is gone and was left out.",
            "%(n)s datasets or providers of it are gone and were left out.",
            len(gone),
        )
        text = f"{text} {left_out % {'n': len(gone)}}"
    visit.saved(text)
    return visit.redirect("bots:edit", bot_id)


def _compared(visit: Visit, *, has_draft: bool) -> tuple[str, str]:
    """Return which two states the address asks for; the draft against what is published unless it says otherwise."""
    query = visit.request.GET
    if "before" in query or "after" in query:
        return query.get("before") or history.PUBLISHED, query.get("after") or history.PUBLISHED
    return (history.PUBLISHED, history.DRAFT) if has_draft else ("", "")


def _published(visit: Visit, bot_id: uuid.UUID, form: NoteForm) -> bool:
    bot = found(visit, bot_id)
    try:
        with as_seen(visit, bot):
            published = services.publish_bot(by=visit.actor, bot=bot, note=form.cleaned_data["note"])
    except PreconditionFailedError:
        form.add_error(None, CHANGED_MEANWHILE)
    except (BotSettingsError, BotReferenceGoneError, NothingToPublishError) as error:
        add_refusal(form, error)
    else:
        visit.saved(_("Version %(n)s is published.") % {"n": published.version})
        return True
    return False
