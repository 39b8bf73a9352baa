"""Copies bots, puts them away and takes them out again."""

from __future__ import annotations

import uuid
from typing import cast

from django.db import transaction
from django.utils import timezone

from bots.models import Bot, CuratedAnswer, CuratedQuestion
from bots.selectors import bot_by_id
from bots.services import rows
from bots.services.running import settled
from bots.services.settings import BotChanges, put
from bots.services.versioning import keep_first
from chatcms.core.db.ids import uuid7
from tenants import audit
from tenants.types import Actor

MAX_NAME = 255
_OWN = frozenset({"id", "name", "slug", "version", "archived_at", "created_by", "created_at", "updated_at"})
_COPY = " (copy)"


def duplicate_bot(*, by: Actor, bot: Bot, name: str | None = None) -> Bot:
    """Make a bot with the published settings, datasets and curated answers of another one, and a slug of its own.

    A copy of an archived bot is not archived. Raises `NoSuchBotError`, `TooManyBotsError`, `BotSettingsError`,
    `BotReferenceGoneError`, and `PermissionDeniedError` for a key that is limited to some bots.
    """
    with rows.references_kept(), transaction.atomic():
        rows.take_place(by=by)
        source = rows.locked(bot.pk, by=by)
        name = name or f"{source.name[: MAX_NAME - len(_COPY)]}{_COPY}"
        kept = {field.attname for field in Bot._meta.concrete_fields} - _OWN
        copy = Bot(**{attribute: getattr(source, attribute) for attribute in kept})
        copy.slug, copy.created_by = rows.new_slug(name), by.id
        runs_on = {name: getattr(copy, name) for name in ("tenant_ai_provider_id", "model", "fallbacks")}
        put(copy, cast(BotChanges, {**settled(runs_on), "name": name}))
        keep_first(copy, source.dataset_ids, by=by)
        _copy_curated_answers(source, copy, by=by)
        audit.record("bot.duplicate", by=by, target=copy, source=str(source.pk))
    return bot_by_id(copy.pk)


def archive_bot(*, by: Actor, bot: Bot) -> Bot:
    """Put a bot away: nobody can talk to it, its conversations stay, and the plan does not count it.

    Archiving it again changes nothing. Raises `NoSuchBotError`.
    """
    with transaction.atomic():
        row = rows.locked(bot.pk, by=by)
        if row.archived_at is None:
            row.archived_at = timezone.now()
            row.save(update_fields=["archived_at", "updated_at"])
            audit.record("bot.archive", by=by, target=row)
    return bot_by_id(row.pk)


def restore_bot(*, by: Actor, bot: Bot) -> Bot:
    """Take an archived bot out again, as it was; one that is not archived stays as it is.

    Raises `NoSuchBotError`, and `TooManyBotsError` when the plan has no room for it.
    """
    with transaction.atomic():
        rows.one_at_a_time()
        row = rows.locked(bot.pk, by=by)
        if row.archived_at is not None:
            rows.check_quota()
            row.archived_at = None
            row.save(update_fields=["archived_at", "updated_at"])
            audit.record("bot.restore", by=by, target=row)
    return bot_by_id(row.pk)


def _copy_curated_answers(source: Bot, copy: Bot, *, by: Actor) -> None:
    new_ids: dict[uuid.UUID, uuid.UUID] = {}
    answers = []
    for answer in CuratedAnswer.objects.filter(bot=source).order_by("id"):
        new_ids[answer.pk] = uuid7()
        answers.append(
            CuratedAnswer(
                id=new_ids[answer.pk], bot=copy, answer=answer.answer, is_active=answer.is_active, created_by=by.id
            )
        )
    CuratedAnswer.objects.bulk_create(answers)
    CuratedQuestion.objects.bulk_create(
        CuratedQuestion(
            curated_answer_id=new_ids[one.curated_answer_id],
            seq=one.seq,
            text=one.text,
            normalized=one.normalized,
            embedding=one.embedding,
        )
        for one in CuratedQuestion.objects.filter(curated_answer__in=list(new_ids))
    )
