"""Tests of drafts, versions, templates and sightings over HTTP."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from bots import services
from bots.catalogue import TEMPLATES
from bots.models import Bot, BotSighting
from bots.selectors import bot_by_ref
from tenants.context import tenant_scope
from tenants.models import Tenant
from tenants.tests import factories
from tenants.types import SYSTEM

PATH = "/v1/tenant/bots"


@pytest.fixture
def client(api_key: str) -> APIClient:
    return APIClient(headers=factories.bearer(api_key))


@pytest.fixture
def bot(in_acme: Tenant) -> Bot:
    return services.create_bot(by=SYSTEM, name="Help desk", system_prompt="Be brief.\nBe kind.")


@pytest.fixture
def path(bot: Bot) -> str:
    return f"{PATH}/{bot.pk}"


def test_a_bot_that_programs_make_and_change_answers_at_once(client: APIClient, in_acme: Tenant) -> None:
    made = client.post(PATH, {"name": "Help desk", "temperature": 0.2}).json()
    assert (made["version"], made["has_draft"]) == (1, False)
    changed = client.patch(f"{PATH}/{made['id']}", {"temperature": 0.3}).json()
    assert (changed["version"], changed["has_draft"]) == (2, False)
    assert bot_by_ref("help-desk").temperature == 0.3


def test_a_draft_is_made_shown_and_published(client: APIClient, path: str) -> None:
    empty = client.get(f"{path}/draft").json()
    assert (empty["changed"], empty["edited_at"], empty["settings"]["temperature"]) == ([], None, 0.2)

    drafted = client.patch(f"{path}/draft", {"temperature": 0.1, "look": {"theme": "dark"}})
    assert drafted.status_code == 200
    assert drafted.json()["changed"] == ["temperature", "look"]
    assert client.get(f"{path}/draft").json() == drafted.json()
    shown = client.get(path).json()
    assert (shown["temperature"], shown["version"], shown["has_draft"]) == (0.2, 1, True)

    published = client.post(f"{path}/publish", {"note": "Cooler"})
    assert published.status_code == 200
    assert (published.json()["temperature"], published.json()["look"]["theme"]) == (0.1, "dark")
    assert (published.json()["version"], published.json()["has_draft"]) == (2, False)
    assert client.get(path).json() == published.json()

    again = client.post(f"{path}/publish", {})
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_publish")


def test_a_draft_takes_what_comes_in_versions_only(client: APIClient, path: str) -> None:
    drafted = client.patch(f"{path}/draft", {"allowed_origins": ["https://shop.example"], "is_active": False})
    assert drafted.status_code == 422
    assert [error["pointer"] for error in drafted.json()["errors"]] == ["/allowed_origins", "/is_active"]
    refused = client.patch(f"{path}/draft", {"temperature": 3})
    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (400, "/temperature")


def test_a_draft_is_discarded(client: APIClient, path: str) -> None:
    client.patch(f"{path}/draft", {"temperature": 0.1})
    assert client.delete(f"{path}/draft").status_code == 204
    assert client.get(f"{path}/draft").json()["changed"] == []


def test_two_people_cannot_overwrite_each_others_draft_unseen(client: APIClient, path: str) -> None:
    seen = client.get(f"{path}/draft")["ETag"]
    assert client.patch(f"{path}/draft", {"temperature": 0.1}, headers={"If-Match": seen}).status_code == 200
    for method, to in (("patch", "draft"), ("delete", "draft"), ("post", "publish"), ("post", "versions/1/restore")):
        late = getattr(client, method)(f"{path}/{to}", {}, headers={"If-Match": seen})
        assert late.status_code == 412, to
    fresh = client.get(f"{path}/draft")["ETag"]
    assert client.post(f"{path}/publish", {}, headers={"If-Match": fresh}).status_code == 200


def test_versions_are_listed_shown_compared_and_restored(client: APIClient, path: str) -> None:
    client.patch(f"{path}/draft", {"system_prompt": "Be brief.\nBe exact.\nBe kind."})
    client.post(f"{path}/publish", {"note": "Exact"})

    listed = client.get(f"{path}/versions").json()["results"]
    assert [(one["number"], one["note"], one["is_published"]) for one in listed] == [(2, "Exact", True), (1, "", False)]
    first = client.get(f"{path}/versions/1").json()
    assert {name: first[name] for name in listed[1]} == listed[1]
    assert first["settings"]["system_prompt"] == "Be brief.\nBe kind."

    (told,) = client.get(f"{path}/versions/compare", {"before": "1", "after": "2"}).json()["differences"]
    assert (told["field"], told["before"]) == ("system_prompt", "Be brief.\nBe kind.")
    assert [(line["kind"], line["text"]) for line in told["lines"]] == [
        ("same", "Be brief."),
        ("added", "Be exact."),
        ("same", "Be kind."),
    ]
    assert client.get(f"{path}/versions/compare").json() == {"differences": []}

    restored = client.post(f"{path}/versions/1/restore").json()
    assert (restored["changed"], restored["gone"]) == (["system_prompt"], [])
    assert client.get(path).json()["system_prompt"] == "Be brief.\nBe exact.\nBe kind."
    assert client.post(f"{path}/publish", {}).json()["system_prompt"] == "Be brief.\nBe kind."


@pytest.mark.parametrize("number", [0, 7, 99999999999])
def test_a_version_that_is_not_there_is_not_found(client: APIClient, path: str, number: int) -> None:
    for response in (
        client.get(f"{path}/versions/{number}"),
        client.post(f"{path}/versions/{number}/restore"),
    ):
        assert (response.status_code, response.json()["code"]) == (404, "no_such_version")


def test_a_comparison_needs_names_of_states(client: APIClient, path: str) -> None:
    assert client.get(f"{path}/versions/compare", {"before": "0"}).status_code == 400
    assert client.get(f"{path}/versions/compare", {"before": "7"}).status_code == 404


def test_templates_are_ready_to_be_sent(client: APIClient, in_acme: Tenant) -> None:
    templates = client.get("/v1/tenant/bot-templates").json()["results"]
    assert [one["key"] for one in templates] == [one.key for one in TEMPLATES]
    for one in templates:
        made = client.post(PATH, {"name": one["name"], **one["settings"]})
        assert made.status_code == 201
        assert {name: made.json()[name] for name in one["settings"]} == one["settings"]


def test_sites_that_show_a_bot_are_listed_the_last_one_first(client: APIClient, bot: Bot, path: str) -> None:
    now = timezone.now()
    for minutes, origin in ((5, "https://a.example"), (1, "https://b.example")):
        BotSighting.objects.create(bot=bot, origin=origin, last_seen=now - timedelta(minutes=minutes))
    other = services.create_bot(by=SYSTEM, name="Other")
    BotSighting.objects.create(bot=other, origin="https://c.example")
    listed = client.get(f"{path}/sightings").json()["results"]
    assert [one["origin"] for one in listed] == ["https://b.example", "https://a.example"]
    by_name = client.get(f"{path}/sightings", {"ordering": "origin"}).json()["results"]
    assert [one["origin"] for one in by_name] == ["https://a.example", "https://b.example"]


@pytest.mark.parametrize("to", ["versions", "sightings", ""])
def test_lists_take_as_many_queries_for_three_rows_as_for_one(client: APIClient, bot: Bot, path: str, to: str) -> None:
    client.get(path)  # which notes that the key was used
    counts = []
    for number in range(3):
        services.update_bot(by=SYSTEM, bot=bot, temperature=number / 10)
        services.edit_draft(by=SYSTEM, bot=services.create_bot(by=SYSTEM, name="Another"), temperature=0.1)
        BotSighting.objects.create(bot=bot, origin=f"https://{number}.example")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{path}/{to}" if to else PATH).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[2]


def test_a_bot_of_another_tenant_has_no_draft_and_no_versions(client: APIClient, globex: Tenant) -> None:
    with tenant_scope(globex):
        theirs = services.create_bot(by=SYSTEM, name="Theirs")
    path = f"{PATH}/{theirs.pk}"
    for response in (
        client.get(f"{path}/draft"),
        client.patch(f"{path}/draft", {"temperature": 0.1}),
        client.delete(f"{path}/draft"),
        client.post(f"{path}/publish", {}),
        client.get(f"{path}/versions"),
        client.get(f"{path}/versions/1"),
        client.get(f"{path}/versions/compare"),
        client.post(f"{path}/versions/1/restore"),
        client.get(f"{path}/sightings"),
    ):
        assert (response.status_code, response.json()["code"]) == (404, "no_such_bot")
