"""The playground: members try a bot as it is published, its draft, or settings that nobody has saved."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponseBase, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bots import history, offers, selectors, services
from bots.exceptions import BotSettingsError
from bots.forms import BotForm
from bots.models import Bot
from chat.enums import Channel
from chat.turns.entrance import Question
from chat.turns.questions import QuestionSerializer
from chat.turns.services.start import start_turn
from chat.turns.serving.events import EventsFace
from chat.turns.serving.loop import on_the_loop
from chat.turns.serving.response import TurnResponse
from chatcms.core.api import serializers
from chatcms.core.exceptions import InvalidInputError
from chatcms.core.text.jsonin import MalformedJSONError, read_json
from tenants.pages import Visit, tenant_page
from tenants.permissions import Capability

# More than the longest settings take, as a form sends them.
MAX_SETTINGS = 400_000


class TrialSerializer(QuestionSerializer):
    """A question to a bot that is tried."""

    state = serializers.ChoiceField(
        choices=[history.DRAFT, history.PUBLISHED], default=history.DRAFT, help_text="Which settings answer."
    )
    settings = serializers.CharField(
        max_length=MAX_SETTINGS,
        required=False,
        allow_blank=True,
        default="",
        help_text="The settings form as it stands, url-encoded; goes before `state`.",
    )


@require_POST
@on_the_loop
@tenant_page(Capability.CHAT_USE)
def ask(visit: Visit, bot_id: uuid.UUID) -> HttpResponseBase:
    """Answer a question with the event stream of the chat API, whose `retrieval` also tells the prompt."""
    visit.need(Capability.BOTS_READ)
    asked = _asked(visit.request.body)
    bot = selectors.bot_by_id(bot_id, by=visit.actor)
    question = Question(
        by=visit.actor,
        tenant=visit.tenant,
        bot=_tried(visit, bot, asked),
        text=asked["message"],
        channel=Channel.PORTAL,
        conversation_id=asked["conversation_id"],
        playground=True,
    )
    return TurnResponse(start_turn(question), EventsFace(by=visit.actor))


def _tried(visit: Visit, bot: Bot, asked: dict[str, Any]) -> Bot:
    if asked["settings"]:
        visit.need(Capability.BOTS_WRITE)
        return _with_unsaved(visit, bot, asked["settings"])
    return bot if asked["state"] == history.PUBLISHED else services.previewed(by=visit.actor, bot=bot)


def _with_unsaved(visit: Visit, bot: Bot, sent: str) -> Bot:
    """Return the bot with the settings of a form that was not saved; raise `InvalidInputError` with what is wrong."""
    draft = history.draft_of(bot)
    form = BotForm(QueryDict(sent), offers=offers.offers(by=visit.actor), settings=draft.settings)
    if form.is_valid():
        try:
            return services.previewed(by=visit.actor, bot=bot, **form.values())
        except BotSettingsError as error:
            form.refuse(error)
    raise InvalidInputError(_first_error(form))


def _first_error(form: BotForm) -> str:
    name, errors = next(iter(form.errors.items()))
    text = str(errors[0])
    if name not in form.fields:
        return text
    values = {"field": form.fields[name].label, "error": text}
    return _("Mend the settings first. %(field)s: %(error)s") % values


def _asked(body: bytes) -> dict[str, Any]:
    try:
        serializer = TrialSerializer(data=read_json(body))
    except MalformedJSONError:
        raise InvalidInputError(_("The question did not arrive whole. Send it again.")) from None
    if not serializer.is_valid():
        raise InvalidInputError(_("Write a question of at most 8,000 characters."))
    return dict(serializer.validated_data)
