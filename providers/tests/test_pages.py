"""The pages about providers: a key goes in and never comes out, and a fault says what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chat.tests.fixtures import running_fake
from providers.catalog.models import GlobalAIProvider
from providers.catalog.services import save_provider
from providers.models import TenantAIProvider
from providers.selectors import access_to
from providers.services import use_global
from providers.tests.fake_provider import FakeProvider
from tenants.context import tenant_scope
from tenants.enums import Role
from tenants.models import Membership, Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

__all__ = ["running_fake"]

KEY = "sk-test-canary-0123456789abcdef"
LIST = "/t/acme/settings/providers/"


@pytest.fixture
def client(owner: Membership) -> Client:
    signed_in = Client(headers={"Accept": "text/html"})
    signed_in.force_login(owner.user)
    return signed_in


@pytest.fixture
def allowed(running_fake: FakeProvider, settings: Any) -> FakeProvider:
    settings.EGRESS_PRIVATE_HOSTS = frozenset({running_fake.host})
    return running_fake


def inside(acme: Tenant, work: Callable[[], Any]) -> Any:
    with tenant_scope(acme):
        return work()


def asked(fake: FakeProvider, **changes: str) -> dict[str, str]:
    form = {"provider_type": "openai_compatible", "name": "Own", "api_key": KEY, "base_url": fake.openai_url}
    return {**form, "models": "fake-model\n", **changes}


def made(acme: Tenant) -> TenantAIProvider:
    provider: TenantAIProvider = inside(acme, lambda: TenantAIProvider.objects.get(name="Own"))
    return provider


def test_only_what_would_answer_is_offered_as_lent_by_the_platform(client: Client, acme: Tenant) -> None:
    platform = [("Ready", "openai", KEY), ("Keyless", "anthropic", ""), ("Second built-in", "local", "")]
    for name, kind, key in platform:
        save_provider(by=SYSTEM, provider=GlobalAIProvider(name=name, provider_type=kind), api_key=key)
    page = client.get(LIST).content.decode()
    assert "Ready" in page
    assert "Keyless" not in page
    assert "Second built-in" not in page


def test_a_provider_is_saved_tried_and_its_key_masked(client: Client, acme: Tenant, allowed: FakeProvider) -> None:
    answer = client.post(f"{LIST}new/", asked(allowed), follow=True)

    provider = made(acme)
    assert provider.last_check_ok is True
    pages = answer.content.decode() + client.get(LIST).content.decode()
    assert "It works" in pages
    assert KEY not in pages
    assert KEY[-4:] in pages
    assert KEY not in provider.encrypted_key


def test_what_cannot_be_saved_points_at_the_field_and_keeps_the_rest(client: Client, acme: Tenant) -> None:
    form = {"provider_type": "openai", "name": "Own", "api_key": KEY, "base_url": "ftp://x", "models": "a\nb"}

    answer = client.post(f"{LIST}new/", form)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Send a whole address" in page
    assert "a\nb" in page
    assert KEY not in page
    assert not inside(acme, lambda: TenantAIProvider.objects.filter(name="Own").exists())


def test_an_empty_key_keeps_the_stored_one_and_a_new_address_needs_it(
    client: Client, acme: Tenant, allowed: FakeProvider
) -> None:
    client.post(f"{LIST}new/", asked(allowed))
    provider, address = made(acme), f"{LIST}{made(acme).pk}/"

    client.post(address, asked(allowed, name="Own", api_key="", is_active="on"))
    moved = client.post(address, asked(allowed, api_key="", base_url="https://elsewhere.example/v1", is_active="on"))

    assert made(acme).encrypted_key == provider.encrypted_key
    assert moved.status_code == 422
    assert b"The address is a new one" in moved.content


def test_a_failing_provider_says_why_on_its_page(client: Client, acme: Tenant) -> None:
    client.post(f"{LIST}new/", {"provider_type": "openai_compatible", "name": "Own", "api_key": KEY, "models": "a",
                                "base_url": "https://llm.invalid/v1"})  # fmt: skip

    page = client.get(f"{LIST}{made(acme).pk}/").content.decode()
    assert "Failing" in page
    assert made(acme).last_check_detail in page.replace("&#x27;", "'").replace("&quot;", '"')


def test_the_default_cannot_be_deleted_and_another_can_be_made_it(
    client: Client, acme: Tenant, allowed: FakeProvider
) -> None:
    client.post(f"{LIST}new/", asked(allowed))
    builtin = inside(acme, lambda: TenantAIProvider.objects.get(provider_type="local"))

    assert made(acme).is_default
    assert client.post(f"{LIST}{made(acme).pk}/delete/").status_code == 409
    client.post(f"{LIST}{builtin.pk}/default/")
    client.post(f"{LIST}{made(acme).pk}/delete/")
    assert not inside(acme, lambda: TenantAIProvider.objects.filter(name="Own").exists())


def test_an_editor_sees_providers_and_changes_none(acme: Tenant) -> None:
    editor = Client(headers={"Accept": "text/html"})
    editor.force_login(factories.make_member(acme, "ed@acme.example", role=Role.EDITOR).user)
    builtin = inside(acme, lambda: TenantAIProvider.objects.get(provider_type="local"))

    assert editor.get(LIST).status_code == 200
    assert b"Save</button>" not in editor.get(f"{LIST}{builtin.pk}/").content
    for action in ("new/", f"{builtin.pk}/", f"{builtin.pk}/test/", f"{builtin.pk}/default/", f"{builtin.pk}/delete/"):
        assert editor.post(f"{LIST}{action}", {"name": "x"}).status_code == 403, action


@pytest.mark.parametrize("rows", [1, 300])
def test_the_list_asks_as_often_for_one_as_for_many(client: Client, acme: Tenant, rows: int) -> None:
    inside(acme, lambda: TenantAIProvider.objects.bulk_create(
        TenantAIProvider(name=f"Provider {n}", provider_type="openai") for n in range(rows)))  # fmt: skip

    with CaptureQueriesContext(connection) as queries:
        assert client.get(LIST).status_code == 200
    assert len(queries) <= 15


# --- how long it is waited for -------------------------------------------------------------------------------


def timeouts_of(acme: Tenant) -> Any:
    return made(acme).settings.get("timeouts")


def test_timeouts_are_set_changed_and_taken_back(client: Client, acme: Tenant, allowed: FakeProvider) -> None:
    client.post(f"{LIST}new/", asked(allowed, first_word_seconds="120", total_seconds="900"))
    assert timeouts_of(acme) == {"first_word": 120, "total": 900}

    address, kept = f"{LIST}{made(acme).pk}/", {"api_key": "", "is_active": "on"}
    page = client.get(address).content.decode()
    assert 'name="first_word_seconds" value="120"' in page
    assert '<details class="more" open>' in page
    client.post(address, asked(allowed, silence_seconds="60", **kept))
    assert timeouts_of(acme) == {"silence": 60}
    client.post(address, asked(allowed, **kept))
    assert timeouts_of(acme) is None
    closed = client.get(address).content.decode()
    assert '<details class="more">' in closed
    assert [f'placeholder="{seconds}"' in closed for seconds in (30, 20, 180)] == [True] * 3


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"first_word_seconds": "601"}, "less than or equal to 600"),
        ({"silence_seconds": "0"}, "greater than or equal to 1"),
        ({"total_seconds": "1801"}, "less than or equal to 1800"),
        ({"total_seconds": "soon"}, "Enter a whole number."),
        ({"first_word_seconds": "60", "total_seconds": "59"}, "no less time than its first word"),
    ],
)
def test_a_wrong_timeout_is_said_at_its_field_which_is_open_then(
    client: Client, acme: Tenant, allowed: FakeProvider, typed: dict[str, str], said: str
) -> None:
    answer = client.post(f"{LIST}new/", asked(allowed, **typed))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert said in page
    assert '<details class="more" open>' in page
    assert all(f'value="{text}"' in page for text in typed.values())
    assert not inside(acme, lambda: TenantAIProvider.objects.filter(name="Own").exists())


def test_how_long_a_lent_provider_is_waited_for_is_the_platforms_to_say(client: Client, acme: Tenant) -> None:
    row = GlobalAIProvider(name="Lent", provider_type="openai", config={"timeouts": {"first_word": 300}})
    lent = save_provider(by=SYSTEM, provider=row, api_key=KEY)
    provider = inside(acme, lambda: use_global(by=SYSTEM, global_id=lent.pk))
    address = f"{LIST}{provider.pk}/"

    assert b"first_word_seconds" not in client.get(address).content
    client.post(address, {"name": "Lent", "is_active": "on", "first_word_seconds": "5"})
    assert (
        inside(acme, lambda: access_to(TenantAIProvider.objects.get(pk=provider.pk))).config.timeouts.first_token == 300
    )
