"""Whoever reads what people wrote, or takes something out as a file, leaves a line in the audit log: on every route."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisGoneError

import bots.page_urls
import datasets.page_urls
from chat.models import Conversation
from chatcms.core.api.routes import api_routes
from chatcms.tests.route_table import TABLE
from chatcms.tests.world import member_headers, platform_things, staff_headers, things_of
from tenants import audit
from tenants.context import tenant_scope
from tenants.enums import GrantRole, Role
from tenants.models import AccessGrant, AuditEvent, Membership, Tenant, User
from tenants.permissions import Capability
from tenants.tests import factories

ROUTES = {f"{method.upper()} {route}": route for route in api_routes() for method in route.methods}
GETS = sorted(name for name in TABLE if name.startswith(("GET v1/tenant/", "GET v1/admin/")))
READING = [name for name in GETS if TABLE[name] == Capability.CONVERSATIONS_READ]
PAGES = [
    "conversations/",
    "conversations/feedback/",
    "conversations/{conversation_id}/",
    "conversations/{conversation_id}/handling/",
    "conversations/{conversation_id}/export/txt/",
    "conversations/export/csv/",
    "analytics/unanswered.csv",
    "analytics/documents.csv",
    "analytics/figures.csv",
    "settings/audit.csv",
]
# What a tenant has written itself, or asks of it: its members and keys read it in their work, no visitor's words are in
# it, and so they leave no line but for files. Staff on a grant leave one for each page.
OWN_WORK = {
    Capability.DATASETS_READ: "documents, passages, pairs and the retrieval test with the asker's own question",
    Capability.BOTS_READ: "instructions, versions and curated answers",
}
VISITORS_WORDS = b"When do you open?"


def ask(client: Client, url: str, **options: Any) -> tuple[Any, list[AuditEvent]]:
    """Return the answer and the lines that it left."""
    last = AuditEvent.objects.order_by("-id").first()
    answer = client.get(url, **options)
    lines = AuditEvent.objects.order_by("id")
    return answer, list(lines.filter(pk__gt=last.pk) if last else lines)


@pytest.mark.parametrize("name", READING)
def test_who_reads_through_the_api_leaves_a_line(client: Client, acme: Tenant, name: str) -> None:
    url = ROUTES[name].url(things_of(acme))
    answer, lines = ask(client, url, headers=member_headers(acme, Role.OWNER))
    assert answer.status_code == 200
    assert [line.actor_type for line in lines] == ["user"], f"{name} left no line in the audit log"


def test_there_are_routes_that_read_conversations() -> None:
    assert len(READING) >= 8


def test_every_file_leaves_a_line(client: Client, acme: Tenant) -> None:
    things = {**things_of(acme), **platform_things(acme)}
    member, staff = member_headers(acme, Role.OWNER), staff_headers()
    files = []
    for name in GETS:
        headers = staff if "v1/admin/" in name else member
        answer, lines = ask(client, ROUTES[name].url(things), headers=headers)
        if answer.headers.get("Content-Disposition", "").startswith("attachment"):
            files.append(name)
            assert len(lines) == 1, f"{name} handed a file out and left {len(lines)} lines"
    assert len(files) >= 7


@pytest.mark.parametrize("path", PAGES)
def test_who_reads_in_the_portal_leaves_a_line(client: Client, acme: Tenant, owner: Membership, path: str) -> None:
    things = things_of(acme)
    client.force_login(owner.user)
    answer, lines = ask(client, f"/t/acme/{path.format(**things)}")
    assert answer.status_code == 200
    assert [line.tenant_id for line in lines] == [acme.pk]


def test_reading_on_is_one_line_and_reading_another_is_another(client: Client, acme: Tenant) -> None:
    things = things_of(acme)
    url = f"/v1/tenant/conversations/{things['conversation_id']}"
    headers = member_headers(acme, Role.OWNER)
    (line,) = ask(client, url, headers=headers)[1]
    assert (line.action, line.target_id) == ("conversation.read", str(things["conversation_id"]))
    assert ask(client, f"{url}/messages", headers=headers)[1] == []
    assert len(ask(client, url, headers=member_headers(acme, Role.VIEWER))[1]) == 1


@pytest.mark.parametrize("name", [name for name in GETS if TABLE[name] in OWN_WORK])
def test_own_work_leaves_lines_for_files_alone(client: Client, acme: Tenant, name: str) -> None:
    """And answers with no word that a visitor wrote."""
    answer, lines = ask(client, ROUTES[name].url(things_of(acme)), headers=member_headers(acme, Role.OWNER))
    is_file = answer.headers.get("Content-Disposition", "").startswith("attachment")
    assert len(lines) == is_file
    # What is streamed is a file that the tenant uploaded.
    assert answer.streaming or VISITORS_WORDS not in answer.content


def _pages(app: str, patterns: list[Any], things: dict[str, str]) -> list[str]:
    """The addresses of an app's pages in acme, of the things there are."""
    known = {"slug": "acme", "number": "1", **things}
    named = [(one.name, {"slug": "acme", **{name: known[name] for name in one.pattern.converters}}) for one in patterns]
    return [reverse(f"{app}:{name}", kwargs=asked) for name, asked in named]


def test_staff_on_a_grant_leave_a_line_for_every_page_of_knowledge(client: Client, acme: Tenant) -> None:
    things = things_of(acme)
    clerk = User.objects.get(email="clerk-acme@platform.example")
    now = timezone.now()
    AccessGrant.objects.filter(staff=clerk).update(
        role=GrantRole.EDITOR, starts_at=now, ends_at=now + timedelta(minutes=60)
    )
    client.force_login(clerk)
    pages = _pages("datasets", datasets.page_urls.urlpatterns, things)
    pages += _pages("bots", bots.page_urls.urlpatterns, things)
    shown = []
    for page in pages:
        answer, lines = ask(client, page)
        if answer.status_code != 200:
            continue
        shown.append(page)
        assert [line.actor_type for line in lines] == ["staff"], f"{page} left {len(lines)} lines"
        assert lines[0].grant_id
    assert len(shown) >= 14
    assert ask(client, shown[0])[1] == []


def test_members_leave_no_line_for_their_own_knowledge(client: Client, acme: Tenant, owner: Membership) -> None:
    things = things_of(acme)
    client.force_login(owner.user)
    assert ask(client, f"/t/acme/documents/{things['document_id']}/")[1] == []


def test_each_file_is_a_line(client: Client, acme: Tenant) -> None:
    things_of(acme)
    headers = member_headers(acme, Role.OWNER)
    for _ in range(2):
        (line,) = ask(client, "/v1/tenant/conversations/export?file_format=csv&search=when", headers=headers)[1]
        assert line.action == "conversation.export"
        assert line.detail["file_format"] == "csv"
        assert "when" in line.detail["asked"].values()


def test_a_program_leaves_a_line_too(client: Client, acme: Tenant, api_key: str) -> None:
    things = things_of(acme)
    headers = factories.bearer(api_key)
    (line,) = ask(client, f"/v1/tenant/conversations/{things['conversation_id']}/messages", headers=headers)[1]
    assert line.actor_type == "api_key"


def test_while_redis_is_away_each_look_is_a_line(client: Client, acme: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    things = things_of(acme)

    def gone(*args: Any, **options: Any) -> None:
        raise RedisGoneError

    headers = member_headers(acme, Role.OWNER)
    monkeypatch.setattr(type(caches["global"]), "add", gone)
    for _ in range(2):
        assert len(ask(client, f"/v1/tenant/conversations/{things['conversation_id']}", headers=headers)[1]) == 1


def test_the_end_of_a_bot_says_how_much_went_with_it(client: Client, acme: Tenant) -> None:
    things = things_of(acme)
    with tenant_scope(acme):
        count = Conversation.objects.filter(bot_id=str(things["bot_id"])).count()
    headers = member_headers(acme, Role.OWNER)
    assert client.delete(f"/v1/tenant/bots/{things['bot_id']}", headers=headers).status_code == 204
    line = AuditEvent.objects.get(action="bot.delete")
    assert count > 0
    assert line.detail["conversations"] == count


def test_a_change_of_a_secret_is_told_without_it(acme: Tenant) -> None:
    """What goes into lines as old and new is named in one place for each thing, and holds no secret."""
    assert audit.changes({"name": "A", "same": 1}, {"name": "B", "same": 1}) == {"name": ["A", "B"]}
    (cut,) = audit.changes({}, {"prompt": "x" * 5000}).values()
    assert cut == [None, "x" * audit.LONGEST_VALUE + "…"]


def test_the_page_shows_what_was_and_what_is(client: Client, acme: Tenant) -> None:
    headers = member_headers(acme, Role.OWNER)
    client.force_login(Membership.objects.get(tenant=acme, role=Role.OWNER).user)
    body = {"name": "Acme Ltd", "accent_color": "#0f766e"}
    client.patch("/v1/tenant/settings", body, content_type="application/json", headers=headers)
    page = client.get("/t/acme/settings/audit/").content.decode()
    assert "Acme → Acme Ltd" in page
    assert "#4f46e5 → #0f766e" in page
