"""How the installation stands: each thing that can go wrong is told, with what to do about it."""

from __future__ import annotations

import os
import time
import uuid
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.cache import caches
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from redis.exceptions import ConnectionError as RedisGoneError

from chatcms.core.http import proxies
from chatcms.health import vitals
from chatcms.jobs import heartbeat
from chatcms.jobs.enums import JobState
from chatcms.jobs.models import Job
from chatcms.jobs.tasks import dispatch_due
from chatcms.portal import condition
from chatcms.portal.condition import Level
from providers.catalog.models import GlobalAIProvider
from tenants.enums import TenantStatus
from tenants.models import AuditEvent, Plan, SchemaVersion, Tenant, UsageDay, User
from tenants.services import near_quota
from tenants.tests import factories


@pytest.fixture(autouse=True)
def _working(db: None) -> None:
    heartbeat.beat()


def test_a_forwarded_header_that_is_not_read_is_told_with_what_to_set(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 0
    caches["global"].delete(proxies.NOTE)
    assert level_of("proxies")[0] == Level.OK
    note = {"at": time.time() - 300, "peer": "127.0.0.2", "proxies": 0}
    caches["global"].set(proxies.NOTE, note, timeout=60)
    level, text = level_of("proxies")
    assert level == Level.ATTENTION
    assert "127.0.0.2" in text
    assert "set TRUSTED_PROXIES" in text
    assert "5 minutes ago" in text
    (warning,) = vitals.warnings()
    assert "TRUSTED_PROXIES" in warning
    assert "127.0.0.2" not in warning
    out = StringIO()
    call_command("bootstrap", credentials=os.devnull, stdout=out)
    assert f"Attention: {proxies.attention()}" in out.getvalue().splitlines()


def test_tls_in_front_without_a_trusted_proxy_is_told_before_any_request(settings: Any) -> None:
    caches["global"].delete(proxies.NOTE)
    settings.BEHIND_TLS_PROXY, settings.TRUSTED_PROXIES = True, 0
    assert level_of("proxies")[0] == Level.ATTENTION
    settings.TRUSTED_PROXIES = 1
    assert level_of("proxies")[0] == Level.OK


def level_of(key: str) -> tuple[Level, str]:
    (found,) = [each for each in condition.findings() if each.key == key]
    return found.level, found.text


def make_job(tenant: Tenant, state: JobState, *, age: timedelta = timedelta(0)) -> None:
    due = timezone.now() - age
    Job.objects.create(tenant=tenant, kind="x", target_id=uuid.uuid4(), state=state, run_after=due)


def test_an_installation_that_works_is_well_but_for_a_backup(acme: Tenant) -> None:
    found = {each.key: each.level for each in condition.findings()}
    assert {key for key, level in found.items() if level != Level.OK} <= {"backup", "disk"}
    assert found["backup"] == Level.ATTENTION


def test_workers_that_are_not_seen_are_missed(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    caches["global"].delete("workers-seen")
    assert level_of("workers")[0] == Level.WRONG
    dispatch_due()
    assert level_of("workers")[0] == Level.OK
    later = time.time() + 300
    monkeypatch.setattr(heartbeat.time, "time", lambda: later)  # type: ignore[attr-defined]
    level, text = level_of("workers")
    assert (level, "for 5 minutes" in text or "for 4 minutes" in text) == (Level.WRONG, True)


@pytest.mark.parametrize(
    ("age", "level"),
    [(timedelta(0), Level.OK), (timedelta(minutes=5), Level.ATTENTION), (timedelta(hours=1), Level.WRONG)],
)
def test_jobs_that_wait_long_are_told(acme: Tenant, age: timedelta, level: Level) -> None:
    make_job(acme, JobState.QUEUED, age=age)
    make_job(acme, JobState.DONE, age=timedelta(days=9))
    found = level_of("jobs")
    assert found[0] == level
    assert found[1].startswith("1 waiting, 0 running.")


def test_dead_letters_are_counted(acme: Tenant) -> None:
    assert level_of("dead_jobs")[0] == Level.OK
    make_job(acme, JobState.DEAD)
    assert level_of("dead_jobs") == (
        Level.ATTENTION,
        "1 used up their attempts. See why, mend it, and try them again.",
    )


def test_a_provider_that_failed_its_test_is_named(db: None) -> None:
    GlobalAIProvider.objects.create(name="OpenAI", provider_type="openai", is_active=True, last_check_ok=False)
    level, text = level_of("providers")
    assert level == Level.WRONG
    assert "OpenAI" in text


def test_tenants_that_stopped_halfway_and_schemas_that_failed_are_named(acme: Tenant, globex: Tenant) -> None:
    Tenant.objects.filter(pk=globex.pk).update(status=TenantStatus.FAILED)
    SchemaVersion.objects.create(tenant=acme, tried_at=timezone.now(), error="no space left")
    assert "globex" in level_of("tenants")[1]
    level, text = level_of("schemas")
    assert level == Level.WRONG
    assert "acme" in text


def test_tenants_near_their_quota_are_named_with_the_fullest_limit(acme: Tenant, globex: Tenant) -> None:
    plan = Plan.objects.create(code="small", name="Small", max_monthly_messages=100, max_members=10)
    Tenant.objects.update(plan=plan)
    today = timezone.now().date()
    day = {"bot_id": uuid.uuid4(), "model": "m", "prompt_tokens": 1, "completion_tokens": 1, "cost": 1}
    UsageDay.objects.create(tenant=acme, day=today, messages=50, **day)
    UsageDay.objects.create(tenant=acme, day=today, messages=40, **{**day, "model": "n"})
    UsageDay.objects.create(tenant=globex, day=today, messages=79, **day)
    UsageDay.objects.create(tenant=globex, day=today.replace(day=1) - timedelta(days=1), messages=900, **day)
    factories.make_member(acme)
    level, text = level_of("quotas")
    assert (level, text) == (Level.ATTENTION, "Near the end of their plan: acme (monthly messages 90%).")
    figures = {quota.name: int(quota.used) for quota in near_quota.quotas_of(acme)}
    # One tenant's own figures are counted where they are, in its schema: nobody has asked anything there.
    assert {name: figures[name] for name in ("members", "monthly_messages", "monthly_cost")} == {
        "members": 1,
        "monthly_messages": 0,
        "monthly_cost": 0,
    }


def test_a_backup_counts_from_when_it_was_shown_to_be_good(db: None) -> None:
    assert level_of("backup")[1].startswith("Never.")
    call_command("note_backup", note="restored on the spare", stdout=StringIO())
    assert level_of("backup")[0] == Level.OK
    assert AuditEvent.objects.get(action="platform.verify_backup").detail == {"note": "restored on the spare"}


def test_what_cannot_be_looked_at_is_broken_and_keeps_nothing_else_from_being_told(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: Any, **__: Any) -> None:
        raise RedisGoneError("redis://user:password@host")

    monkeypatch.setattr(type(caches["global"]), "get", gone)
    level, text = level_of("valkey")
    assert (level, "password" in text) == (Level.WRONG, False)
    assert level_of("database")[0] == Level.OK


def test_the_command_fails_when_something_is_broken(acme: Tenant) -> None:
    out = StringIO()
    call_command("condition", stdout=out)
    assert "Verified backup" in out.getvalue()
    Tenant.objects.filter(pk=acme.pk).update(status=TenantStatus.FAILED)
    with pytest.raises(CommandError, match="Something is broken"):
        call_command("condition", stdout=out)


def test_staff_see_it_on_the_admins_start_page_and_over_the_api(client: Client, acme: Tenant) -> None:
    root = User.objects.create_superuser("root@platform.example", factories.PASSWORD)
    client.force_login(root)
    page = client.get("/admin/").content.decode()
    assert "Nothing is broken; something wants attention" in page
    assert "/admin/jobs/job/?state__exact=dead" in page
    asked = {"email": root.email, "password": factories.PASSWORD}
    access = Client().post("/v1/admin/token", asked, content_type="application/json").json()["access"]
    answer = Client().get("/v1/admin/condition", headers=factories.bearer(access)).json()
    assert answer["status"] == "attention"
    assert {each["key"] for each in answer["findings"]} >= {"database", "valkey", "workers", "jobs", "backup"}


@pytest.mark.parametrize(
    ("url", "production", "level"),
    [
        ("http://localhost:8000", True, "attention"),
        ("http://127.0.0.1", True, "attention"),
        ("http://[::1]:8000", True, "attention"),
        ("https://chat.example.com", True, "ok"),
        ("http://localhost:8000", False, "ok"),
    ],
)
def test_links_that_work_here_only_are_told_in_production(
    db: None, settings: Any, url: str, production: bool, level: str
) -> None:
    settings.PUBLIC_URL, settings.IS_PRODUCTION = url, production
    (found,) = [each for each in condition.findings() if each.key == "public_url"]
    assert found.level == level
    assert url in found.text
