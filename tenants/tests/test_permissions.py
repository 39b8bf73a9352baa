"""Tests of the table of who may do what, and of the permission that reads it."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from chatcms.core.exceptions import PermissionDeniedError
from tenants.authentication import Principal
from tenants.enums import Role, Scope
from tenants.models import Tenant
from tenants.permissions import ROLES, SCOPES, Capability, DenyUnlessDeclared, allows
from tenants.types import SYSTEM, Actor

WRITING = [capability for capability in Capability if capability.endswith(".write")]


def _member(role: Role) -> Actor:
    return Actor(type="user", role=role)


def _key(*scopes: Scope) -> Actor:
    return Actor(type="api_key", scopes=frozenset(scopes))


def test_both_tables_know_every_capability() -> None:
    assert set(ROLES) == set(SCOPES) == set(Capability)


@pytest.mark.parametrize("capability", Capability)
def test_a_higher_role_may_whatever_a_lower_one_may(capability: Capability) -> None:
    answers = [allows(_member(role), capability) for role in Role]
    assert answers == sorted(answers, reverse=True)


@pytest.mark.parametrize("capability", [c for c in Capability if c != Capability.PLATFORM])
def test_an_owner_may_everything_in_the_tenant(capability: Capability) -> None:
    assert allows(_member(Role.OWNER), capability)


def test_the_platform_is_for_its_staff_alone() -> None:
    assert allows(Actor(type="staff"), Capability.PLATFORM)
    assert not any(allows(_member(role), Capability.PLATFORM) for role in Role)
    assert not allows(_key(*Scope), Capability.PLATFORM)


@pytest.mark.parametrize("capability", [c for c in Capability if c not in {Capability.PLATFORM, Capability.SELF}])
def test_staff_may_nothing_in_a_tenant(capability: Capability) -> None:
    assert not allows(Actor(type="staff"), capability)


@pytest.mark.parametrize("capability", [c for c in Capability if c != Capability.CHAT_USE])
def test_visitors_only_chat(capability: Capability) -> None:
    assert not allows(Actor(type="visitor"), capability)
    assert allows(Actor(type="visitor"), Capability.CHAT_USE)


@pytest.mark.parametrize("capability", WRITING)
def test_viewers_and_reading_keys_change_nothing(capability: Capability) -> None:
    assert not allows(_member(Role.VIEWER), capability)
    assert not allows(_key(Scope.READ, Scope.CHAT), capability)


@pytest.mark.parametrize("capability", [c for c in Capability if c != Capability.CHAT_USE])
def test_a_key_for_chatting_only_chats(capability: Capability) -> None:
    assert not allows(_key(Scope.CHAT), capability)
    assert allows(_key(Scope.CHAT), Capability.CHAT_USE)


@pytest.mark.parametrize("capability", Capability)
def test_who_has_neither_role_nor_scope_may_nothing(capability: Capability) -> None:
    for actor in (SYSTEM, Actor(type="user"), _key()):
        assert not allows(actor, capability)


def _asks(method: str, actor: Actor | None, declared: dict[str, Capability]) -> bool:
    request: Any = APIRequestFactory().generic(method, "/")
    request.user = Principal(actor, Tenant()) if actor is not None else None
    view = APIView()
    view.capabilities = declared  # type: ignore[attr-defined]
    try:
        return DenyUnlessDeclared().has_permission(request, view)
    except PermissionDeniedError:
        return False


DECLARED = {"GET": Capability.BOTS_READ, "POST": Capability.BOTS_WRITE}


@pytest.mark.parametrize(
    ("method", "role", "may"),
    [
        ("GET", Role.VIEWER, True),
        ("HEAD", Role.VIEWER, True),
        ("POST", Role.VIEWER, False),
        ("POST", Role.EDITOR, True),
        ("DELETE", Role.OWNER, False),
        ("PUT", Role.OWNER, False),
    ],
)
def test_a_method_is_open_to_those_who_have_what_it_declares(method: str, role: Role, may: bool) -> None:
    assert _asks(method, _member(role), DECLARED) is may


def test_a_view_that_declares_nothing_is_shut_to_everybody() -> None:
    assert not _asks("GET", _member(Role.OWNER), {})


def test_without_a_caller_everything_is_shut() -> None:
    assert not _asks("GET", None, DECLARED)
