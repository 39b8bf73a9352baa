"""Remembers how much a model reads, once it has refused a prompt as too long: the next question fits at once."""

from __future__ import annotations

import logging

from django.db import DatabaseError

from chat.turns.asks import ModelRoute
from chat.turns.events import LimitLearned
from chat.turns.turn import TenantRef
from providers.services import learn_limit
from tenants.context import in_tenant

logger = logging.getLogger(__name__)


async def remember(tenant: TenantRef, route: ModelRoute, learned: LimitLearned) -> None:
    """Keep the limit with the provider of the model; the answer goes on, whether that can be kept or not."""
    try:
        await in_tenant(
            tenant,
            learn_limit,
            route.access.ref,
            model=route.model.id,
            tokens=learned.tokens,
            is_named=learned.is_named,
        )
    except DatabaseError as error:
        logger.warning("The limit of %s could not be kept: %s", route.model.id, type(error).__name__)
