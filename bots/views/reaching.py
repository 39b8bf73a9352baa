"""How people and programs reach a bot: snippets for sites, who may show it, where it was seen, code for programs."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from bots import public_id, selectors, services
from bots.exceptions import BotSettingsError
from bots.forms import AccessForm, KeyNameForm
from bots.models import Bot
from bots.views.frame import bot_page, found
from bots.views.samples import Sample, samples
from chatcms.core.pages.refusals import Refusals
from tenants.enums import Scope
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability
from tenants.services.api_keys import create_api_key

SHOWN_SITES = 20


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.BOTS_READ)
def embed(visit: Visit, bot_id: uuid.UUID) -> HttpResponse:
    """Show how to put a bot into a site; set who may talk to it, which holds at once."""
    bot = found(visit, bot_id)
    form = AccessForm.of(bot, visit.request.POST or None)
    if visit.request.method == "POST":
        visit.need(Capability.BOTS_WRITE)
        if form.is_valid() and _saved(visit, bot, form):
            return visit.redirect("bots:embed", bot.pk)
    values = {"form": form, "snippets": _snippets(visit, bot), "hosted_url": _hosted_url(visit, bot), **_seen(bot)}
    return bot_page(visit, bot, "portal/bots/bot_embed.html", values, status=422 if form.errors else 200)


@require_GET
@tenant_page(Capability.BOTS_READ)
def sightings(visit: Visit, bot_id: uuid.UUID) -> HttpResponse:
    """Give the part of the page that says where the bot was seen."""
    bot = found(visit, bot_id)
    return visit.render("portal/bots/_sightings.html", {"bot": bot, **_seen(bot)})


@require_http_methods(["GET", "POST"])
@tenant_page(Capability.BOTS_READ)
def programs(visit: Visit, bot_id: uuid.UUID) -> HttpResponse:
    """Show how programs talk to a bot; make a key for this bot alone, which is shown once."""
    bot = found(visit, bot_id)
    form = KeyNameForm(visit.request.POST or None, initial={"name": bot.name[:100]})
    secret = ""
    if visit.request.method == "POST":
        visit.need(Capability.KEYS_WRITE)
        if form.is_valid():
            _key, secret = create_api_key(
                by=visit.actor,
                tenant=visit.tenant,
                name=form.cleaned_data["name"],
                scopes=[Scope.CHAT],
                bot_ids=[bot.pk],
            )
    shown = samples(base_url=visit.request.build_absolute_uri("/v1"), slug=bot.slug, key=secret)
    values = {"form": form, "secret": secret, "samples": shown, "base_url": visit.request.build_absolute_uri("/v1")}
    return bot_page(visit, bot, "portal/bots/bot_api.html", values, status=422 if form.errors else 200)


def _saved(visit: Visit, bot: Bot, form: AccessForm) -> bool:
    with Refusals(form.refuse, kinds=(BotSettingsError,)):
        services.update_bot(by=visit.actor, bot=bot, **form.cleaned_data)
        visit.saved(_("Saved. It holds from now on."))
        return True
    return False


def _seen(bot: Bot) -> dict[str, object]:
    return {"sightings": list(selectors.sightings_of(bot)[:SHOWN_SITES])}


def _public_id(visit: Visit, bot: Bot) -> str:
    return public_id.public_id(tenant_id=visit.tenant.id, bot_id=bot.pk)


def _hosted_url(visit: Visit, bot: Bot) -> str:
    return visit.request.build_absolute_uri(f"/chat/{_public_id(visit, bot)}")


def _snippets(visit: Visit, bot: Bot) -> list[Sample]:
    name = _public_id(visit, bot)
    script = visit.request.build_absolute_uri("/widget/v1.js")
    frame = visit.request.build_absolute_uri(f"/embed/{name}")
    return [
        Sample("script", _("Script"), f'<script async src="{script}" data-bot="{name}"></script>'),
        Sample(
            "frame",
            _("Frame"),
            f'<iframe src="{frame}" title="Chat" allow="clipboard-write"\n'
            '        style="width: 100%; height: 640px; border: 0"></iframe>',
        ),
        Sample("link", _("Link"), _hosted_url(visit, bot)),
    ]
