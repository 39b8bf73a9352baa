"""Values that name who is acting and for which tenant."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import Literal

from tenants.enums import Role, Scope

ActorType = Literal["user", "api_key", "staff", "system"]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: passed to every service as `by=` and written into the audit log."""

    type: ActorType
    id: uuid.UUID | None = None
    label: str = ""
    role: Role | None = None
    scopes: frozenset[Scope] = field(default_factory=frozenset)


SYSTEM = Actor(type="system", label="system")
