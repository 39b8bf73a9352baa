"""The one table of who may do what; routes name a capability, this says which roles and scopes have it."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.views import View as DjangoView
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from chatcms.core.errortext import ErrorText
from chatcms.core.exceptions import PermissionDeniedError
from tenants.enums import Limit, Role, Scope
from tenants.types import Actor


class Capability(StrEnum):
    """Something that a route lets its caller do."""

    ACCESS_GRANTS_APPROVE = "access_grants.approve"
    ACCESS_GRANTS_READ = "access_grants.read"
    ACCESS_GRANTS_REVOKE = "access_grants.revoke"
    ANALYTICS_READ = "analytics.read"
    AUDIT_READ = "audit.read"
    BOTS_READ = "bots.read"
    BOTS_WRITE = "bots.write"
    BUDGETS_READ = "budgets.read"
    BUDGETS_WRITE = "budgets.write"
    CHAT_USE = "chat.use"
    CONVERSATIONS_READ = "conversations.read"
    CONVERSATIONS_WRITE = "conversations.write"
    DATASETS_READ = "datasets.read"
    DATASETS_WRITE = "datasets.write"
    KEYS_READ = "keys.read"
    KEYS_WRITE = "keys.write"
    MEMBER_REQUESTS_ANSWER = "member_requests.answer"
    MEMBER_REQUESTS_READ = "member_requests.read"
    MEMBERS_READ = "members.read"
    MEMBERS_WRITE = "members.write"
    PLATFORM = "platform"
    PROVIDERS_READ = "providers.read"
    PROVIDERS_WRITE = "providers.write"
    QUOTA_READ = "quota.read"
    SELF = "self"
    SETTINGS_READ = "settings.read"
    SETTINGS_WRITE = "settings.write"
    USAGE_READ = "usage.read"
    WEBHOOKS_READ = "webhooks.read"
    WEBHOOKS_WRITE = "webhooks.write"


_EVERYONE = frozenset(Role)
_EDITORS = frozenset({Role.OWNER, Role.ADMIN, Role.EDITOR})
_ADMINS = frozenset({Role.OWNER, Role.ADMIN})
_OWNERS = frozenset({Role.OWNER})

# `PLATFORM` is for the platform's staff: no role or scope gives it. `SELF` is for people on their own account, so no
# scope gives that.
ROLES: dict[Capability, frozenset[Role]] = {
    Capability.ACCESS_GRANTS_APPROVE: _OWNERS,
    Capability.ACCESS_GRANTS_READ: _ADMINS,
    Capability.ACCESS_GRANTS_REVOKE: _ADMINS,
    Capability.ANALYTICS_READ: _EVERYONE,
    Capability.AUDIT_READ: _ADMINS,
    Capability.BOTS_READ: _EVERYONE,
    Capability.BOTS_WRITE: _EDITORS,
    Capability.BUDGETS_READ: _EVERYONE,
    Capability.BUDGETS_WRITE: _ADMINS,
    Capability.CHAT_USE: _EVERYONE,
    Capability.CONVERSATIONS_READ: _EVERYONE,
    Capability.CONVERSATIONS_WRITE: _EDITORS,
    Capability.DATASETS_READ: _EVERYONE,
    Capability.DATASETS_WRITE: _EDITORS,
    Capability.KEYS_READ: _ADMINS,
    Capability.KEYS_WRITE: _ADMINS,
    Capability.MEMBER_REQUESTS_ANSWER: _OWNERS,
    Capability.MEMBER_REQUESTS_READ: _ADMINS,
    Capability.MEMBERS_READ: _EVERYONE,
    Capability.MEMBERS_WRITE: _ADMINS,
    Capability.PLATFORM: frozenset(),
    Capability.PROVIDERS_READ: _EVERYONE,
    Capability.PROVIDERS_WRITE: _ADMINS,
    Capability.QUOTA_READ: _EVERYONE,
    Capability.SELF: _EVERYONE,
    Capability.SETTINGS_READ: _EVERYONE,
    Capability.SETTINGS_WRITE: _ADMINS,
    Capability.USAGE_READ: _EVERYONE,
    Capability.WEBHOOKS_READ: _ADMINS,
    Capability.WEBHOOKS_WRITE: _ADMINS,
}

_READING = frozenset({Scope.READ, Scope.WRITE, Scope.ADMIN})
_WRITING = frozenset({Scope.WRITE, Scope.ADMIN})
_ADMINISTERING = frozenset({Scope.ADMIN})

SCOPES: dict[Capability, frozenset[Scope]] = {
    # A person lets staff in, never a program.
    Capability.ACCESS_GRANTS_APPROVE: frozenset(),
    Capability.ACCESS_GRANTS_READ: _ADMINISTERING,
    Capability.ACCESS_GRANTS_REVOKE: _ADMINISTERING,
    Capability.ANALYTICS_READ: _READING,
    Capability.AUDIT_READ: _ADMINISTERING,
    Capability.BOTS_READ: _READING,
    Capability.BOTS_WRITE: _WRITING,
    Capability.BUDGETS_READ: _READING,
    Capability.BUDGETS_WRITE: _ADMINISTERING,
    Capability.CHAT_USE: frozenset({Scope.CHAT}),
    Capability.CONVERSATIONS_READ: _READING,
    Capability.CONVERSATIONS_WRITE: _WRITING,
    Capability.DATASETS_READ: _READING,
    Capability.DATASETS_WRITE: _WRITING,
    Capability.KEYS_READ: _ADMINISTERING,
    Capability.KEYS_WRITE: _ADMINISTERING,
    # A person says who comes in on the word of staff, never a program.
    Capability.MEMBER_REQUESTS_ANSWER: frozenset(),
    Capability.MEMBER_REQUESTS_READ: _ADMINISTERING,
    Capability.MEMBERS_READ: _ADMINISTERING,
    Capability.MEMBERS_WRITE: _ADMINISTERING,
    Capability.PLATFORM: frozenset(),
    Capability.PROVIDERS_READ: _READING,
    Capability.PROVIDERS_WRITE: _ADMINISTERING,
    Capability.QUOTA_READ: _READING,
    Capability.SELF: frozenset(),
    Capability.SETTINGS_READ: _READING,
    Capability.SETTINGS_WRITE: _ADMINISTERING,
    Capability.USAGE_READ: _READING,
    Capability.WEBHOOKS_READ: _ADMINISTERING,
    Capability.WEBHOOKS_WRITE: _ADMINISTERING,
}

# What a key that is limited to some bots or datasets can do at all: everything behind these is filtered by
# `Actor.bot_ids` and `Actor.dataset_ids`. What is not named here is about the whole tenant, and shut to such keys.
LIMITABLE: frozenset[Capability] = frozenset(
    {
        Capability.ANALYTICS_READ,
        Capability.BOTS_READ,
        Capability.BOTS_WRITE,
        Capability.BUDGETS_READ,
        Capability.BUDGETS_WRITE,
        Capability.CHAT_USE,
        Capability.CONVERSATIONS_READ,
        Capability.CONVERSATIONS_WRITE,
        Capability.DATASETS_READ,
        Capability.DATASETS_WRITE,
        Capability.USAGE_READ,
    }
)
LIMITED_MESSAGE = ErrorText(
    "This key is limited to some bots or datasets, and this is about the whole tenant. Use a key without limits."
)

# A visitor of a tenant's site may talk to the one bot that the token names, and to nothing else.
VISITORS = frozenset({Capability.CHAT_USE})
STAFF = frozenset({Capability.PLATFORM, Capability.SELF})


def allows(actor: Actor, capability: Capability) -> bool:
    """Say whether `actor` has `capability`: a member by role, a key by scope, a visitor and staff by what they are.

    Staff whom a grant lets into a tenant have what its role has there, and nothing of the platform's meanwhile.
    """
    if actor.type == "api_key":
        return bool(actor.scopes & SCOPES[capability]) and (capability in LIMITABLE or not is_limited(actor))
    if actor.type == "visitor":
        return capability in VISITORS
    if actor.type == "staff" and actor.grant is None:
        return capability in STAFF
    return actor.role is not None and actor.role in ROLES[capability]


def is_limited(actor: Actor) -> bool:
    """Say whether `actor` may use only some bots or datasets."""
    return any(getattr(actor, limit) is not None for limit in Limit)


def refusal(actor: Actor, capability: Capability) -> PermissionDeniedError:
    """Return the error that says what an actor without `capability` lacks: `required_scope` or `required_role`."""
    if capability is Capability.PLATFORM:
        return PermissionDeniedError("This is for the platform's staff, and not while they are in a tenant by a grant.")
    if actor.type == "visitor":
        return PermissionDeniedError("A visitor's token may chat with its bot and do nothing else.")
    if actor.type == "api_key":
        return _refusal_of_key(actor, capability)
    if not ROLES[capability] or (actor.type == "staff" and actor.grant is None):
        return PermissionDeniedError("This needs a membership in a tenant.", required_role=None)
    role = _least(Role, ROLES[capability])
    if not actor.role:
        needs = ErrorText("This needs the role %(role)s. Ask an owner or admin of the tenant.", role=role)
    else:
        needs = ErrorText(
            "This needs the role %(role)s, and yours is %(yours)s. Ask an owner or admin of the tenant.",
            role=role,
            yours=actor.role,
        )
    return PermissionDeniedError(needs, required_role=role)


def _refusal_of_key(actor: Actor, capability: Capability) -> PermissionDeniedError:
    scopes = SCOPES[capability]
    if not scopes:
        return PermissionDeniedError("No API key may do this. Sign in as a person.", required_scope=None)
    scope = _least(Scope, scopes)
    if actor.scopes & scopes:
        return PermissionDeniedError(LIMITED_MESSAGE)
    return PermissionDeniedError(
        ErrorText(
            "This key lacks the scope %(scope)s. Make a key that has it, or ask an owner or admin of the tenant.",
            scope=scope,
        ),
        required_scope=scope,
    )


def _least(ladder: type[Role] | type[Scope], having: frozenset[Any]) -> str:
    """The first that has it: scopes are declared from the least, roles from the most powerful."""
    steps = list(ladder)
    ordered = reversed(steps) if ladder is Role else steps
    return str(next(step.value for step in ordered if step in having))


class DenyUnlessDeclared(BasePermission):
    """Lets a request through only when its view declares a capability for the method and the caller has it.

    A view declares `capabilities = {"GET": Capability.BOTS_READ, ...}`; what it forgets stays shut.
    """

    def has_permission(self, request: Request, view: DjangoView) -> bool:
        """Check the caller against the table; raise `PermissionDeniedError`, which says what is lacking."""
        principal: Any = request.user
        if principal is None:
            return False
        declared: dict[str, Capability] = getattr(view, "capabilities", {})
        capability = declared.get("GET" if request.method == "HEAD" else str(request.method))
        if capability is None:
            raise PermissionDeniedError
        if not allows(principal.actor, capability):
            raise refusal(principal.actor, capability)
        return True
