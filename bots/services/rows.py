"""What every change of bots shares: locks, the plan's limit, free slugs, and rows that vanish meanwhile."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError
from psycopg.errors import ForeignKeyViolation

from bots.exceptions import BotReferenceGoneError, NoSuchBotError, TooManyBotsError
from bots.models import Bot
from bots.slugs import base_slug, free_slug
from chatcms.core.db import locks
from chatcms.core.exceptions import PermissionDeniedError
from chatcms.webhooks.services import tell_if_reached
from tenants import quotas
from tenants.context import current_tenant_id
from tenants.models import Plan
from tenants.types import Actor


def locked(bot_id: uuid.UUID, *, by: Actor) -> Bot:
    """Return the bot, locked until the transaction ends; raise `NoSuchBotError`."""
    row = Bot.objects.select_for_update(no_key=True).filter(pk=bot_id).first()
    if row is None or not by.may_use_bot(bot_id):
        raise NoSuchBotError
    return row


def take_place(*, by: Actor) -> None:
    """Let one more bot in at a time, so that two cannot share the plan's last place or a slug.

    Raises `TooManyBotsError`, and `PermissionDeniedError` for a key that is limited to certain bots: it could not
    use the new one.
    """
    if by.bot_ids is not None:
        raise PermissionDeniedError("This key is limited to certain bots and cannot make another.")
    one_at_a_time()
    check_quota()


def one_at_a_time() -> None:
    """Wait until nobody else adds a bot to the tenant, and keep others from it until the transaction ends."""
    locks.hold(".bots")


def check_quota() -> None:
    """Raise `TooManyBotsError` when the plan has no room for one more; archived bots take none.

    Whoever takes the last place tells the webhooks so.
    """
    plan = Plan.objects.filter(tenants=current_tenant_id()).first()
    if plan is None or plan.max_bots is None:
        return
    count = quotas.used(current_tenant_id(), "bots")["bots"]
    if count >= plan.max_bots:
        raise TooManyBotsError(limit=plan.max_bots)
    tell_if_reached(quota="bots", used=count + 1, limit=plan.max_bots)


def new_slug(name: str) -> str:
    """Return a slug for a bot of that name that no other has."""
    base = base_slug(name)
    return free_slug(base, set(Bot.objects.filter(slug__startswith=base).values_list("slug", flat=True)))


@contextmanager
def references_kept() -> Iterator[None]:
    """Explain the database's refusal of a row whose provider or dataset vanished while it was written."""
    try:
        yield
    except IntegrityError as error:
        if not isinstance(error.__cause__, ForeignKeyViolation):
            raise
        raise BotReferenceGoneError from error
