"""Fixtures for every test: a database with two ready tenants, people and credentials.

`acme` and `globex` are made once for the session. A test with `db` is rolled back; after a transactional or
live one every table is brought back to what it was, so that the two tenants are always there and empty.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import TransactionTestCase
from pytest_django import DjangoDbBlocker

from chatcms.core.db.tenantdb import state
from chatcms.core.http import ratelimit
from chatcms.tests import baseline, live
from tenants.context import tenant_scope
from tenants.enums import Role
from tenants.models import Membership, Tenant
from tenants.services import attempts, template
from tenants.tests import factories
from tenants.types import Actor

HASHER = "chatcms.tests.hashers.QuickHasher"


@pytest.fixture(scope="session")
def django_db_setup(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[None]:
    """Add the two tenants to the database that pytest-django has made."""
    patch = pytest.MonkeyPatch()
    with django_db_blocker.unblock():
        # Fresh from the migrations: that the checked-in one is the same, a test of its own says.
        fresh = template.build()
        patch.setattr(template, "sql", lambda: fresh)
        baseline.drop_tenants()
        for slug in ("acme", "globex"):
            factories.make_tenant(slug)
        before = baseline.take()
        connection.close()
    # Django would empty every table instead, the two tenants with them.
    patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: baseline.restore(before))
    yield
    patch.undo()


@pytest.fixture(scope="session")
def website(django_db_setup: None) -> Iterator[str]:
    """Give the address of a web server that all tests of this process share which need nothing special of theirs."""
    with live.web_server(extra={"STYLE_SHEET": "true"}) as address:
        yield address


@pytest.fixture(autouse=True)
def no_tenant_left_over() -> Iterator[None]:
    """Begin each test as a request begins: with no tenant in force."""
    token = state.activate(state.PUBLIC)
    yield
    state.restore(token)


@pytest.fixture(autouse=True)
def quick_and_uncounted(settings: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords quickly, and count each test's sign-ins and requests apart from all others'."""
    settings.PASSWORD_HASHERS = [HASHER, "django.contrib.auth.hashers.PBKDF2PasswordHasher"]  # type: ignore[attr-defined]
    monkeypatch.setattr(attempts, "NAMESPACE", uuid.uuid4().hex)
    monkeypatch.setattr(ratelimit, "NAMESPACE", uuid.uuid4().hex)


@pytest.fixture
def acme(db: None) -> Tenant:
    """A ready tenant with nothing in it."""
    return Tenant.objects.get(slug="acme")


@pytest.fixture
def globex(db: None) -> Tenant:
    """Another one, for asking whether anything crosses over."""
    return Tenant.objects.get(slug="globex")


@pytest.fixture
def in_acme(acme: Tenant) -> Iterator[Tenant]:
    """The test runs with acme in force."""
    with tenant_scope(acme):
        yield acme


@pytest.fixture
def owner(acme: Tenant) -> Membership:
    """The owner of acme; the password is `factories.PASSWORD`."""
    return factories.make_member(acme, role=Role.OWNER)


@pytest.fixture
def by_owner(owner: Membership) -> Actor:
    """Acme's owner as services want it."""
    return factories.actor_of(owner)


@pytest.fixture
def globex_owner(globex: Tenant) -> Membership:
    """The owner of globex."""
    return factories.make_member(globex, role=Role.OWNER)


@pytest.fixture
def api_key(acme: Tenant) -> str:
    """The plain text of a key of acme with every scope."""
    return factories.make_api_key(acme)[1]


@pytest.fixture
def globex_api_key(globex: Tenant) -> str:
    """The plain text of a key of globex with every scope."""
    return factories.make_api_key(globex)[1]


@pytest.fixture
def access_token(owner: Membership) -> str:
    """An access token of acme's owner."""
    return factories.make_token_pair(owner).access
