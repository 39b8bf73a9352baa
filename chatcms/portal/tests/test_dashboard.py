"""The dashboard: steps that tick themselves, the sample, today, what fails, what is left; in few queries."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bots import services as bot_services
from bots.models import Bot, BotSighting
from chat.enums import Channel, MessageRole
from chat.models import Conversation, Message, Usage
from chat.money.selectors import messages_this_month
from chat.overview import today_so_far
from chatcms.core.db.ids import first_uuid7_of
from chatcms.portal import content, selectors
from chatcms.portal.demo import sample
from chatcms.webhooks.enums import DeliveryState
from chatcms.webhooks.models import Webhook, WebhookDelivery, WebhookEvent
from datasets import services as dataset_services
from datasets.enums import DocumentState
from datasets.models import Dataset, Document
from providers.models import TenantAIProvider
from tenants.context import tenant_scope
from tenants.enums import Role
from tenants.models import Membership, Plan, Tenant
from tenants.tests import factories
from tenants.types import SYSTEM


@pytest.fixture(autouse=True)
def _media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def signed_in(owner: Membership) -> Client:
    client = Client()
    client.force_login(owner.user)
    return client


def done(client: Client) -> list[str]:
    return [step.key for step in client.get("/t/acme/").context["steps"] if step.is_done]


def text_file(name: str = "note.txt", content: bytes = b"Some text.") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


# --- the first steps ---------------------------------------------------------------------------------------


def test_each_step_ticks_itself_when_it_is_done(signed_in: Client, acme: Tenant) -> None:
    assert done(signed_in) == []

    signed_in.post("/t/acme/first-steps/dataset/", {"name": "Handbook"})
    assert done(signed_in) == ["dataset"]

    assert signed_in.post("/t/acme/first-steps/documents/", {"file": [text_file()]}).status_code == 302
    assert done(signed_in) == ["dataset"]
    with tenant_scope(acme):
        Document.objects.update(state=DocumentState.READY)
    assert done(signed_in) == ["dataset", "document"]

    signed_in.post("/t/acme/first-steps/bot/", {"bot_name": "Helper"})
    with tenant_scope(acme):
        bot = Bot.objects.get()
        assert bot.dataset_ids == [Dataset.objects.get().pk]
        Conversation.objects.create(bot=bot, channel=Channel.PORTAL, actor_type="user")
        TenantAIProvider.objects.create(name="Mine", provider_type="openai")
        BotSighting.objects.create(bot=bot, origin="https://shop.example")
    page = signed_in.get("/t/acme/")

    assert all(step.is_done for step in page.context["steps"])
    assert b"First steps" not in page.content
    assert b"First steps" in signed_in.get("/t/acme/?steps").content


def test_the_first_step_that_is_not_done_and_may_be_is_open(signed_in: Client, acme: Tenant) -> None:
    editor = Client()
    editor.force_login(factories.make_member(acme, role=Role.EDITOR).user)

    assert [s.key for s in signed_in.get("/t/acme/").context["steps"] if s.is_next] == ["provider"]
    assert [s.key for s in editor.get("/t/acme/").context["steps"] if s.is_next] == ["dataset"]


def test_a_refused_step_says_why_and_keeps_what_was_typed(signed_in: Client, acme: Tenant) -> None:
    refused = signed_in.post("/t/acme/first-steps/dataset/", {"name": "x" * 300})
    assert refused.status_code == 422
    assert b"x" * 300 in refused.content
    assert "name" in refused.context["dataset_form"].errors

    signed_in.post("/t/acme/first-steps/dataset/", {"name": "Handbook"})
    files = {"file": [text_file("empty.txt", b""), text_file()]}
    refused = signed_in.post("/t/acme/first-steps/documents/", files)

    assert refused.status_code == 422
    assert b"<strong>empty.txt</strong>: This file is empty." in refused.content
    assert b"note.txt" in refused.content
    assert signed_in.post("/t/acme/first-steps/documents/").context["nothing_chosen"] is True


def test_hidden_steps_stay_away_in_this_browser_for_this_tenant(
    signed_in: Client, owner: Membership, globex: Tenant
) -> None:
    Membership.objects.create(user=owner.user, tenant=globex, role=Role.OWNER)

    signed_in.post("/t/acme/first-steps/hide/")

    assert b"First steps" not in signed_in.get("/t/acme/").content
    assert b"First steps" in signed_in.get("/t/globex/").content


def test_a_viewer_is_offered_nothing_that_the_role_does_not_include(acme: Tenant) -> None:
    viewer = Client()
    viewer.force_login(factories.make_member(acme, role=Role.VIEWER).user)

    page = viewer.get("/t/acme/").content

    assert b'action="/t/acme/first-steps/dataset/"' not in page
    assert b"Add the sample" not in page
    for address in ("first-steps/dataset/", "first-steps/documents/", "first-steps/bot/", "sample/add/"):
        assert viewer.post(f"/t/acme/{address}").status_code == 403


# --- the sample --------------------------------------------------------------------------------------------


def test_the_sample_comes_and_goes_and_is_no_step_of_ones_own(signed_in: Client, acme: Tenant) -> None:
    with tenant_scope(acme):
        dataset_services.create_dataset(by=SYSTEM, name="Mine")

    signed_in.post("/t/acme/sample/add/")
    signed_in.post("/t/acme/sample/add/")
    with tenant_scope(acme):
        Document.objects.update(state=DocumentState.READY)
        assert Bot.objects.count() == 1
        assert Document.objects.count() == 3
    page = signed_in.get("/t/acme/")
    assert page.context["facts"].sample_documents == 3
    assert b"the sample dataset with 3 documents" in page.content
    assert done(signed_in) == ["dataset"]
    assert content.BOT_NAME.encode() in page.content

    signed_in.post("/t/acme/sample/remove/")

    with tenant_scope(acme):
        assert not Bot.objects.exists()
        assert [dataset.name for dataset in Dataset.objects.all()] == ["Mine"]


def test_a_sample_that_somebody_made_theirs_is_not_taken_away(signed_in: Client, acme: Tenant) -> None:
    with tenant_scope(acme):
        sample.add_sample(by=SYSTEM)
        bot_services.update_bot(by=SYSTEM, bot=Bot.objects.get(), name="Our helper")

    signed_in.post("/t/acme/sample/remove/")

    with tenant_scope(acme):
        assert Bot.objects.get().name == "Our helper"
        assert not Dataset.objects.exists()


def test_ones_own_bot_is_tried_before_the_sample(acme: Tenant) -> None:
    with tenant_scope(acme):
        mine = bot_services.create_bot(by=SYSTEM, name="Mine", model="local")
        sample.add_sample(by=SYSTEM)

        assert selectors.bot_to_try() == mine


# --- today -------------------------------------------------------------------------------------------------


def _answered(bot: Bot, moment: Any, *, has_evidence: bool) -> None:
    ids = [first_uuid7_of(moment + timedelta(milliseconds=n)) for n in range(3)]
    talk = Conversation.objects.create(id=ids[0], bot=bot, channel=Channel.WIDGET, actor_type="visitor")
    Message.objects.create(id=ids[1], conversation=talk, seq=1, role=MessageRole.USER)
    Message.objects.create(
        id=ids[2], conversation=talk, seq=2, role=MessageRole.ASSISTANT, retrieval={"has_evidence": has_evidence}
    )


def test_today_is_set_against_the_same_time_a_week_ago(acme: Tenant) -> None:
    now = timezone.now()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    with tenant_scope(acme):
        bot = bot_services.create_bot(by=SYSTEM, name="Helper", model="local")
        for moment in (midnight, midnight + timedelta(milliseconds=10)):
            _answered(bot, moment, has_evidence=False)
        _answered(bot, midnight - timedelta(days=7), has_evidence=True)
        _answered(bot, now - timedelta(days=7) + timedelta(minutes=1), has_evidence=True)
        _answered(bot, midnight - timedelta(minutes=1), has_evidence=True)

        today = today_so_far("UTC")

    assert (today.conversations.today, today.conversations.before) == (2, 1)
    assert (today.questions.today, today.questions.change) == (2, 100)
    assert (today.unanswered.today, today.unanswered.before, today.unanswered.change) == (2, 0, None)


# --- what is under way, what fails, what is left -----------------------------------------------------------


def test_documents_on_their_way_are_followed_until_they_are_ready(signed_in: Client, acme: Tenant) -> None:
    with tenant_scope(acme):
        dataset = dataset_services.create_dataset(by=SYSTEM, name="Handbook")
        dataset_services.upload_document(
            by=SYSTEM, dataset=dataset, name="a.txt", file=text_file(), content_type="text/plain"
        )
    page = signed_in.get("/t/acme/").content
    assert b'hx-get="/t/acme/under-way/"' in page

    with tenant_scope(acme):
        Document.objects.update(state=DocumentState.FAILED, error_detail="This PDF is a scan.")
    failed = signed_in.get("/t/acme/under-way/", headers={"HX-Request": "true"}).content
    assert b"This PDF is a scan." in failed
    assert b"hx-get" not in failed.partition(b"<h2")[0]

    with tenant_scope(acme):
        Document.objects.update(state=DocumentState.READY)
    assert b"a.txt" not in signed_in.get("/t/acme/under-way/").content


def test_failing_providers_and_webhooks_are_told_with_their_cure(signed_in: Client, acme: Tenant) -> None:
    with tenant_scope(acme):
        TenantAIProvider.objects.create(
            name="Vendor", provider_type="openai", last_check_ok=False, last_check_detail="The key is refused."
        )
        hook = Webhook.objects.create(url="https://hooks.example/", secret="x")
        event = WebhookEvent.objects.create(type="document.ready", payload={})
        WebhookDelivery.objects.create(webhook=hook, event=event, state=DeliveryState.FAILED, last_error="410 Gone")
        fine = Webhook.objects.create(url="https://fine.example/", secret="x")
        WebhookDelivery.objects.create(webhook=fine, event=event, state=DeliveryState.FAILED)
        WebhookDelivery.objects.create(webhook=fine, event=event, state=DeliveryState.DELIVERED)

    page = signed_in.get("/t/acme/").content

    assert b"The key is refused." in page
    assert b"410 Gone" in page
    assert b"fine.example" not in page


def test_what_is_left_of_the_plan_is_shown_where_there_is_a_limit(signed_in: Client, acme: Tenant) -> None:
    acme.plan = Plan.objects.create(
        code="small", name="Small", max_documents=4, max_members=1, max_monthly_messages=100
    )
    acme.save()
    with tenant_scope(acme):
        sample.add_sample(by=SYSTEM)
        bot = Bot.objects.get()
        for day in (timezone.now().date(), timezone.now().date() - timedelta(days=40)):
            Usage.objects.create(bot_id=bot.pk, model="m", prompt_tokens=1, completion_tokens=1, day=day)
        assert messages_this_month() == 1

    quotas = {
        quota.name: (quota.used, quota.limit, quota.hundredths) for quota in signed_in.get("/t/acme/").context["quotas"]
    }

    assert quotas == {"documents": (3, 4, 75), "members": (1, 1, 100), "monthly_messages": (1, 100, 1)}


@pytest.mark.parametrize("rows", [1, 30])
def test_the_dashboard_takes_few_queries_however_much_there_is(signed_in: Client, acme: Tenant, rows: int) -> None:
    acme.plan = Plan.objects.create(code="small", name="Small", max_documents=400, max_monthly_messages=100)
    acme.save()
    with tenant_scope(acme):
        sample.add_sample(by=SYSTEM)
        for number in range(rows):
            dataset = Dataset.objects.create(name=f"D{number}")
            Document.objects.create(
                dataset=dataset, name="x", content_type="text/plain", size_bytes=1, sha256=str(number), storage_key="x"
            )
            TenantAIProvider.objects.create(name=f"P{number}", provider_type="openai", last_check_ok=False)

    signed_in.get("/t/acme/")
    with CaptureQueriesContext(connection) as queries:
        assert signed_in.get("/t/acme/").status_code == 200

    assert len(queries) <= 15, "\n".join(query["sql"][:200] for query in queries)
