"""The one table of who may do what; routes name a capability, this says which roles and scopes have it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.views import View as DjangoView
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from tenants.enums import Role, Scope
from tenants.types import Actor


class Capability(StrEnum):
    """Something that a route lets its caller do."""

    BOTS_READ = "bots.read"
    BOTS_WRITE = "bots.write"
    CHAT_USE = "chat.use"
    CONVERSATIONS_READ = "conversations.read"
    DATASETS_READ = "datasets.read"
    DATASETS_WRITE = "datasets.write"
    KEYS_READ = "keys.read"
    KEYS_WRITE = "keys.write"
    PROVIDERS_READ = "providers.read"
    PROVIDERS_WRITE = "providers.write"


_EVERYONE = frozenset(Role)
_EDITORS = frozenset({Role.OWNER, Role.ADMIN, Role.EDITOR})
_ADMINS = frozenset({Role.OWNER, Role.ADMIN})

ROLES: dict[Capability, frozenset[Role]] = {
    Capability.BOTS_READ: _EVERYONE,
    Capability.BOTS_WRITE: _EDITORS,
    Capability.CHAT_USE: _EVERYONE,
    Capability.CONVERSATIONS_READ: _EVERYONE,
    Capability.DATASETS_READ: _EVERYONE,
    Capability.DATASETS_WRITE: _EDITORS,
    Capability.KEYS_READ: _ADMINS,
    Capability.KEYS_WRITE: _ADMINS,
    Capability.PROVIDERS_READ: _EVERYONE,
    Capability.PROVIDERS_WRITE: _ADMINS,
}

SCOPES: dict[Capability, frozenset[Scope]] = {
    Capability.BOTS_READ: frozenset({Scope.READ, Scope.WRITE, Scope.ADMIN}),
    Capability.BOTS_WRITE: frozenset({Scope.WRITE, Scope.ADMIN}),
    Capability.CHAT_USE: frozenset({Scope.CHAT}),
    Capability.CONVERSATIONS_READ: frozenset({Scope.READ, Scope.WRITE, Scope.ADMIN}),
    Capability.DATASETS_READ: frozenset({Scope.READ, Scope.WRITE, Scope.ADMIN}),
    Capability.DATASETS_WRITE: frozenset({Scope.WRITE, Scope.ADMIN}),
    Capability.KEYS_READ: frozenset({Scope.ADMIN}),
    Capability.KEYS_WRITE: frozenset({Scope.ADMIN}),
    Capability.PROVIDERS_READ: frozenset({Scope.READ, Scope.WRITE, Scope.ADMIN}),
    Capability.PROVIDERS_WRITE: frozenset({Scope.ADMIN}),
}


def allows(actor: Actor, capability: Capability) -> bool:
    """Say whether `actor` has `capability`: a member by role, a key by scope."""
    if actor.type == "api_key":
        return bool(actor.scopes & SCOPES[capability])
    return actor.role is not None and actor.role in ROLES[capability]


class DenyUnlessDeclared(BasePermission):
    """Lets a request through only when its view declares a capability for the method and the caller has it.

    A view declares `capabilities = {"GET": Capability.BOTS_READ, ...}`; what it forgets stays shut.
    """

    message = "You may not do this. Ask an owner or admin of the tenant."

    def has_permission(self, request: Request, view: DjangoView) -> bool:
        """Check the caller against the table."""
        principal: Any = request.user
        if principal is None:
            return False
        declared: dict[str, Capability] = getattr(view, "capabilities", {})
        method = "GET" if request.method in {"HEAD", "OPTIONS"} else str(request.method)
        capability = declared.get(method)
        return capability is not None and allows(principal.actor, capability)
