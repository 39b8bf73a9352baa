"""Values that name who is acting and for which tenant."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from tenants.enums import Role, Scope

# "anonymous": whoever tried to become somebody, and did not.
ActorType = Literal["user", "api_key", "visitor", "staff", "system", "anonymous"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where the page is from that sends a request, as its browser says; `is_own`: this very server."""

    name: str
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """The leave by which the platform's staff are inside a tenant, and until when."""

    id: uuid.UUID
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: passed to every service as `by=` and written into the audit log.

    `bot_ids` and `dataset_ids` are the only ones that it may use; None is no limit. A visitor also has the origin
    of the page, the one conversation that its token is for, and `ref` when the tenant vouched for who it is. Staff who
    are inside a tenant have a `grant`, and the role that it gives.
    """

    type: ActorType
    id: uuid.UUID | None = None
    label: str = ""
    role: Role | None = None
    scopes: frozenset[Scope] = field(default_factory=frozenset)
    bot_ids: frozenset[uuid.UUID] | None = None
    dataset_ids: frozenset[uuid.UUID] | None = None
    origin: str = ""
    conversation_id: uuid.UUID | None = None
    ref: str = ""
    grant: Grant | None = None

    def may_use_bot(self, bot_id: uuid.UUID) -> bool:
        """Say whether the bot is among those that this actor is limited to, if it is."""
        return self.bot_ids is None or bot_id in self.bot_ids

    def may_use_dataset(self, dataset_id: uuid.UUID) -> bool:
        """Say whether the dataset is among those that this actor is limited to, if it is."""
        return self.dataset_ids is None or dataset_id in self.dataset_ids


SYSTEM = Actor(type="system", label="system")
ANONYMOUS = Actor(type="anonymous", label="anonymous")
