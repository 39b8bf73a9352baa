"""Tests of the platform's providers in the admin."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from providers.catalog import selectors
from providers.catalog.models import GlobalAIProvider
from providers.catalog.services import save_provider
from providers.tests.fake_provider import FakeProvider
from tenants.models import AuditEvent, Tenant, User
from tenants.tests import factories
from tenants.types import SYSTEM

KEY = "sk-proj-4f1b2c3d4e5f6g7h"
OTHER_KEY = "sk-proj-9z8y7x6w5v4u3t2s"
LIST = "admin:catalog_globalaiprovider_changelist"


@pytest.fixture
def staff(db: None) -> User:
    return factories.make_user("staff@platform.example", is_staff=True, is_superuser=True)


@pytest.fixture
def client(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def provider(db: None) -> GlobalAIProvider:
    row = GlobalAIProvider(name="Platform", provider_type="openai", config={"models": ["gpt-4"]})
    return save_provider(by=SYSTEM, provider=row, api_key=KEY)


@pytest.fixture(scope="module")
def fake() -> Iterator[FakeProvider]:
    with FakeProvider.start(tokens=3) as fake:
        yield fake


def form(**values: Any) -> dict[str, Any]:
    plain = {"name": "Platform", "provider_type": "openai", "config": "{}", "is_active": "on", "availability": "all"}
    return {**plain, "api_key": "", **values}


def change(provider: GlobalAIProvider) -> str:
    return reverse("admin:catalog_globalaiprovider_change", args=[provider.pk])


def test_staff_add_a_provider_with_a_key(client: Client, staff: User, acme: Tenant) -> None:
    values = form(
        name="Picked", api_key=KEY, config='{"models": ["gpt-4"]}', availability="selected", allowed_tenants=[acme.pk]
    )
    assert client.post(reverse("admin:catalog_globalaiprovider_add"), values).status_code == 302
    added = GlobalAIProvider.objects.get(name="Picked")
    assert selectors.platform_access(added).config.api_key == KEY
    assert added in selectors.available_to(acme.id)
    line = AuditEvent.objects.get(action="platform_provider.create", target_id=str(added.id))
    assert (line.actor_type, line.actor_id, line.actor_label) == ("staff", staff.id, "staff@platform.example")


def test_no_page_of_the_admin_holds_a_key_or_its_ciphertext(client: Client, provider: GlobalAIProvider) -> None:
    client.post(change(provider), form(api_key=OTHER_KEY))
    provider.refresh_from_db()
    pages = [
        client.get(reverse(LIST)),
        client.get(change(provider)),
        client.get(reverse("admin:catalog_globalaiprovider_history", args=[provider.pk])),
        client.get(reverse("admin:catalog_globalaiprovider_delete", args=[provider.pk])),
        client.post(change(provider), form(api_key=OTHER_KEY, config="not json")),
    ]
    for page in pages:
        text = page.content.decode()
        assert page.status_code == 200
        assert OTHER_KEY[:-4] not in text
        assert provider.encrypted_key not in text
    assert "•••• 3t2s" in pages[0].content.decode()
    assert "•••• 3t2s" in pages[1].content.decode()
    assert not LogEntry.objects.filter(change_message__contains=OTHER_KEY[:-4]).exists()


def test_an_empty_key_field_keeps_the_key_and_a_filled_one_replaces_it(
    client: Client, provider: GlobalAIProvider
) -> None:
    client.post(change(provider), form(name="Renamed"))
    provider.refresh_from_db()
    assert provider.name == "Renamed"
    assert selectors.platform_access(provider).config.api_key == KEY
    client.post(change(provider), form(api_key=OTHER_KEY))
    provider.refresh_from_db()
    assert selectors.platform_access(provider).config.api_key == OTHER_KEY


def test_a_new_address_asks_for_the_key_again(client: Client, provider: GlobalAIProvider) -> None:
    moved = form(config='{"base_url": "https://elsewhere.example"}')
    page = client.post(change(provider), moved)
    assert "enter the key again" in page.content.decode()
    provider.refresh_from_db()
    assert "base_url" not in provider.config
    assert client.post(change(provider), {**moved, "api_key": OTHER_KEY}).status_code == 302


@pytest.mark.parametrize(
    "wrong",
    [
        {"config": '{"base_url": "http://localhost:11434"}'},
        {"config": '{"api_key": "sk-1"}'},
        {"config": "[]"},
        {"config": "7"},
        {"provider_type": "openai_compatible"},
        {"api_key": "two words"},
    ],
)
def test_what_cannot_work_is_said_in_the_form(client: Client, wrong: dict[str, str]) -> None:
    page = client.post(reverse("admin:catalog_globalaiprovider_add"), form(name="Wrong", **wrong))
    assert page.status_code == 200
    assert "errorlist" in page.content.decode()
    assert not GlobalAIProvider.objects.filter(name="Wrong").exists()


def test_timeouts_have_fields_of_their_own_beside_the_config(client: Client, provider: GlobalAIProvider) -> None:
    models = '{"models": ["gpt-4"]}'
    client.post(change(provider), form(config=models, first_word_seconds="120", total_seconds="900"))
    provider.refresh_from_db()
    assert provider.config == {"models": ["gpt-4"], "timeouts": {"first_word": 120, "total": 900}}
    line = AuditEvent.objects.filter(action="platform_provider.update").latest("id")
    assert line.detail["changes"]["timeouts.first_word"] == [None, 120]

    page = client.get(change(provider)).content.decode()
    assert 'name="first_word_seconds" value="120"' in page
    assert "timeouts" not in page.partition('name="config"')[2].partition("</textarea>")[0]
    client.post(change(provider), form(config=models))
    provider.refresh_from_db()
    assert provider.config == {"models": ["gpt-4"]}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"first_word_seconds": "601"}, "less than or equal to 600"),
        ({"first_word_seconds": "60", "total_seconds": "59"}, "no less time than its first word"),
        ({"config": '{"timeouts": {"first": 5}}'}, "There is no such timeout"),
        ({"provider_type": "local", "total_seconds": "60"}, "never waited for"),
    ],
)
def test_a_wrong_timeout_is_said_in_the_form(client: Client, wrong: dict[str, str], said: str) -> None:
    page = client.post(reverse("admin:catalog_globalaiprovider_add"), form(name="Wrong", **wrong))
    assert said in page.content.decode()
    assert not GlobalAIProvider.objects.filter(name="Wrong").exists()


def test_a_new_default_takes_the_place_of_the_old_one(client: Client, provider: GlobalAIProvider) -> None:
    old = save_provider(by=SYSTEM, provider=GlobalAIProvider(name="Old", provider_type="openai", is_default=True))
    client.post(change(provider), form(is_default="on"))
    old.refresh_from_db()
    provider.refresh_from_db()
    assert (old.is_default, provider.is_default) == (False, True)


def test_the_test_action_calls_for_real_and_says_what_came_of_it(
    client: Client, provider: GlobalAIProvider, fake: FakeProvider, settings: Settings
) -> None:
    settings.EGRESS_PRIVATE_HOSTS = frozenset({fake.host})
    rows = {
        name: save_provider(
            by=SYSTEM,
            provider=GlobalAIProvider(
                name=name, provider_type="openai", config={"base_url": fake.url, "models": [model]}
            ),
            api_key=KEY,
        )
        for name, model in (("Works", "fake"), ("Refuses", "fail-401"))
    }
    data = {"action": "test_connections", "_selected_action": [str(row.pk) for row in rows.values()]}
    page = client.post(reverse(LIST), data, follow=True)
    said = [(message.level_tag, message.message) for message in page.context["messages"]]
    assert ("success", True) in [(level, text.startswith("Works: The model fake answered")) for level, text in said]
    assert ("error", True) in [(level, text.startswith("Refuses: The provider refused")) for level, text in said]
    assert fake.stats()["by_path"] == {"/v1/chat/completions": 2, "/v1/models": 1}


def test_deleting_is_noted_one_by_one_and_together(client: Client, provider: GlobalAIProvider) -> None:
    other = save_provider(by=SYSTEM, provider=GlobalAIProvider(name="Other", provider_type="local"))
    client.post(reverse("admin:catalog_globalaiprovider_delete", args=[provider.pk]), {"post": "yes"})
    data = {"action": "delete_selected", "_selected_action": [str(other.pk)], "post": "yes"}
    client.post(reverse(LIST), data)
    assert not GlobalAIProvider.objects.filter(pk__in=[provider.pk, other.pk]).exists()
    labels = AuditEvent.objects.filter(action="platform_provider.delete", actor_type="staff").order_by("id")
    assert [line.target_label for line in labels] == ["Platform", "Other"]


def test_nobody_but_staff_gets_in(provider: GlobalAIProvider, acme: Tenant) -> None:
    outsider = Client()
    outsider.force_login(factories.make_member(acme, "owner@acme.example").user)
    assert outsider.get(change(provider)).status_code == 302
    assert Client().get(reverse(LIST)).status_code == 302
