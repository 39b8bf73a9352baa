"""Finds bots."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.db.models.expressions import Combinable
from pgvector import HalfVector
from pgvector.django import CosineDistance

from bots import curated
from bots.exceptions import NoSuchBotError, NoSuchCuratedAnswerError
from bots.models import DEFAULT_MODEL, Bot, BotQuerySet, BotSighting, CuratedAnswer, CuratedQuestion
from bots.slugs import is_slug, uuid_of
from chatcms.core.db.compiled import CompiledQuery
from chatcms.core.db.folded import counted
from chatcms.webhooks.enums import OF_TURNS
from chatcms.webhooks.models import Webhook
from providers.connect import LOCAL_MODEL, Access
from providers.enums import ProviderType
from providers.models import TenantAIProvider
from providers.usages import Usage
from tenants.types import SYSTEM, Actor, Origin


def bots_found(
    *,
    by: Actor,
    search: str = "",
    is_active: bool | None = None,
    archived: bool = False,
    provider_id: uuid.UUID | None = None,
    dataset_id: uuid.UUID | None = None,
) -> BotQuerySet:
    """Return the bots that `by` is not kept from, with their dataset ids: those that are in use, or the archived ones.

    `search` is looked for in name, slug and description; `provider_id` also finds those that have it as a fallback.
    """
    found = _seen(by).with_draft_known().filter(archived_at__isnull=not archived)
    if search:
        found = found.filter(Q(name__icontains=search) | Q(slug__icontains=search) | Q(description__icontains=search))
    if is_active is not None:
        found = found.filter(is_active=is_active)
    if provider_id is not None:
        found = found.naming_provider(provider_id)
    return found if dataset_id is None else found.filter(dataset_links__dataset_id=dataset_id)


def names_of_bots(*, by: Actor) -> list[tuple[uuid.UUID, str]]:
    """Return id and name of every bot that `by` is not kept from, archived ones included, by name."""
    bots = Bot.objects.all() if by.bot_ids is None else Bot.objects.filter(pk__in=by.bot_ids)
    return list(bots.order_by("name", "id").values_list("pk", "name"))


def bots_usable(*, by: Actor = SYSTEM) -> BotQuerySet:
    """Return those that may be talked to, as far as the actor is not limited to some bots."""
    return _seen(by).usable()


def _seen(by: Actor) -> BotQuerySet:
    bots = Bot.objects.with_dataset_ids()
    return bots if by.bot_ids is None else bots.filter(pk__in=by.bot_ids)


def bot_by_id(bot_id: uuid.UUID, *, by: Actor = SYSTEM) -> Bot:
    """Return one bot of the tenant in force, talked to, switched off or archived; raise `NoSuchBotError`."""
    bot = _seen(by).with_draft_known().filter(id=bot_id).first()
    if bot is None:
        raise NoSuchBotError
    return bot


def _with_provider() -> BotQuerySet:
    answers = CuratedAnswer.objects.filter(bot=OuterRef("pk"), is_active=True)
    listeners = Webhook.objects.listening(*OF_TURNS).order_by()
    known = bots_usable().annotate(any_curated_answer=Exists(answers.order_by()), any_listener=Exists(listeners))
    return known.select_related("tenant_ai_provider").order_by()


_BY_ID = CompiledQuery(lambda bot_id: _with_provider().filter(id=bot_id), bot_id=uuid.UUID(int=1))
_BY_SLUG = CompiledQuery(lambda slug: _with_provider().filter(slug=slug), slug="any slug")


def bot_by_ref(ref: str, *, by: Actor = SYSTEM) -> Bot:
    """Return the bot of that id or slug that may be talked to, provider and dataset ids with it, by one query.

    Raises `NoSuchBotError`, also when the actor is limited to other bots.
    """
    if bot_id := uuid_of(ref):
        bot = _BY_ID.one(bot_id=bot_id)
    elif is_slug(slug := ref.lower()):
        bot = _BY_SLUG.one(slug=slug)
    else:
        bot = None
    if bot is None or not by.may_use_bot(bot.pk):
        raise NoSuchBotError
    return bot


def is_shown_on(bot_id: uuid.UUID, origin: Origin) -> bool | None:
    """Say whether pages of an origin may show a bot; None when it may not be talked to."""
    bot = Bot.objects.usable().filter(pk=bot_id).only("allowed_origins", "hosted_page").first()
    return None if bot is None else bot.is_shown_on(origin)


def model_for(bot: Bot, access: Access) -> str:
    """Return the model that a bot is to use with the provider that was found for it.

    A bot that follows the tenant's default provider and never chose a model takes one that provider has, so
    that it goes on answering when the default changes. Only plain SQL makes such a bot.
    """
    if bot.tenant_ai_provider_id is not None or bot.model != DEFAULT_MODEL:
        return bot.model
    return access.fitting_model(bot.model)


def bots_called(name: str, *, description: str) -> BotQuerySet:
    """Return the bots of that name and description, the oldest first."""
    return Bot.objects.filter(name=name, description=description).order_by("id")


def bot_to_try(*, last: QuerySet[Bot]) -> Bot | None:
    """Return the newest bot that may be talked to; one of `last` only when there is no other."""
    is_last = Exists(last.filter(pk=OuterRef("pk")))
    return Bot.objects.usable().annotate(is_last=is_last).order_by("is_last", "-id").first()


def sightings_of(bot: Bot) -> QuerySet[BotSighting]:
    """Return the origins that have shown a bot, the last one first."""
    return BotSighting.objects.filter(bot=bot)


def existing_bots(ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return which of the ids are of bots of the tenant in force."""
    return set(Bot.objects.filter(pk__in=ids).values_list("pk", flat=True))


def bots_using(provider_id: uuid.UUID) -> list[Usage]:
    """Return the bots that name a provider, or would once their draft is published.

    Those that name none but the built-in model use the built-in provider.
    """
    drafted = Q(draft__changes__tenant_ai_provider_id=str(provider_id))
    drafted |= Q(draft__changes__fallbacks__contains=[{"provider_id": str(provider_id)}])
    if TenantAIProvider.objects.filter(pk=provider_id, provider_type=ProviderType.LOCAL).exists():
        drafted |= Q(tenant_ai_provider=None, model=LOCAL_MODEL)
    return _usages(Q(pk__in=Bot.objects.naming_provider(provider_id).values("pk")) | drafted)


def bots_following_default() -> list[Usage]:
    """Return the bots that run on whatever provider is the default: they, a fallback or their draft name none."""
    unnamed = Q(tenant_ai_provider=None) & ~Q(model=LOCAL_MODEL)
    fallback = Q(fallbacks__contains=[{"provider_id": None}])
    drafted = Q(draft__changes__tenant_ai_provider_id=None) | Q(
        draft__changes__fallbacks__contains=[{"provider_id": None}]
    )
    return _usages(unnamed | fallback | drafted)


def _usages(which: Q) -> list[Usage]:
    bots = Bot.objects.filter(which).order_by("name", "id")
    return [Usage("bot", bot.id, bot.name) for bot in bots.only("id", "name")]


# --- curated answers -------------------------------------------------------------------------------------

# The nearest question may be about something else, and the next one about the same.
_LOOKED_AT = 8


def curated_answers_of(bot: Bot, *, search: str = "", is_active: bool | None = None) -> QuerySet[CuratedAnswer]:
    """Return a bot's curated answers with their questions; `search` is looked for in both."""
    found = CuratedAnswer.objects.filter(bot=bot).prefetch_related("questions")
    if search:
        asked = CuratedQuestion.objects.filter(curated_answer=OuterRef("pk"), text__icontains=search)
        found = found.filter(Q(answer__icontains=search) | Exists(asked))
    return found if is_active is None else found.filter(is_active=is_active)


def curated_answer_by_id(curated_answer_id: uuid.UUID, *, by: Actor = SYSTEM) -> CuratedAnswer:
    """Return a curated answer with its questions; raise `NoSuchCuratedAnswerError`."""
    answer = CuratedAnswer.objects.filter(pk=curated_answer_id).prefetch_related("questions").first()
    if answer is None or not by.may_use_bot(answer.bot_id):
        raise NoSuchCuratedAnswerError
    return answer


def curated_match(bot_id: uuid.UUID, question: str, *, embedding: Sequence[float] | None) -> CuratedAnswer | None:
    """Return the active answer that people wrote for this question of the bot, None if there is none; one query.

    The same question but for case, accents and punctuation comes first, else the nearest by meaning that passes
    `bots.curated`. `embedding` is the question by the built-in model (`datasets.embedding.local_model`); None when
    it cannot be loaded.
    """
    plain = curated.normalized(question)
    found = CuratedQuestion.objects.filter(curated_answer__bot=bot_id, curated_answer__is_active=True)
    if embedding is None or not curated.may_be_meant(question):
        exact = found.filter(normalized=plain).select_related("curated_answer").order_by("id").first()
        return exact.curated_answer if exact else None
    near = (
        found.alias(distance=CosineDistance("embedding", HalfVector(list(embedding))))
        .annotate(is_exact=ExpressionWrapper(Q(normalized=plain), output_field=BooleanField()))
        .filter(Q(normalized=plain) | Q(distance__lte=1 - curated.THRESHOLD))
        .select_related("curated_answer")
        .order_by("-is_exact", F("distance").asc(nulls_last=True), "id")
    )
    for one in near[:_LOOKED_AT]:
        if one.normalized == plain or curated.is_meant_alike(question, one.text):
            return one.curated_answer
    return None


def places_taken() -> Combinable:
    """Return how many places of bots a tenant's plan has given away; archived bots take none."""
    return counted(Bot.objects.unarchived())
