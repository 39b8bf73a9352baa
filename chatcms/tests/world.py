"""Makes one of everything in a tenant, by the names that routes have for it, and a caller of every kind."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from bots import services as bot_services
from bots.models import Bot, CuratedAnswer
from chat.enums import BudgetPeriod, Channel, MessageRole, Rating
from chat.models import Budget, Conversation, Feedback, Message
from chatcms.webhooks.enums import DeliveryState, EventType
from chatcms.webhooks.models import Webhook, WebhookDelivery, WebhookEvent
from datasets import services as dataset_services
from datasets.models import Chunk
from providers.models import TenantAIProvider
from tenants.context import tenant_scope
from tenants.enums import Role, Scope
from tenants.models import AccessGrant, Domain, Invitation, MemberRequest, Plan, Tenant
from tenants.services import visitor_tokens
from tenants.tests import factories
from tenants.types import SYSTEM, Actor

ORIGIN = "https://shop.example"

Things = dict[str, str]


def things_of(tenant: Tenant) -> Things:
    """One of everything of the tenant; the conversations are the system's."""
    slug = tenant.slug
    key, _ = factories.make_api_key(tenant)
    member = factories.make_member(tenant, f"member@{slug}.example", role=Role.VIEWER)
    invitation = Invitation.objects.create(
        tenant=tenant, email=f"new@{slug}.example", token_hash=slug.rjust(64, "0"), expires_at=_tomorrow()
    )
    clerk = factories.make_user(f"clerk-{slug}@platform.example", is_staff=True)
    grant = AccessGrant.objects.create(tenant=tenant, staff=clerk, reason="To help", minutes=60)
    wanted = factories.make_user(f"wanted@{slug}.example")
    asked = MemberRequest.objects.create(tenant=tenant, user=wanted, role=Role.EDITOR, asked_by=clerk.email)
    with tenant_scope(tenant):
        inside = _inside(slug)
    return {
        **inside,
        "grant_id": str(grant.pk),
        "request_id": str(asked.pk),
        "key_id": str(key.pk),
        "member_id": str(member.pk),
        "invitation_id": str(invitation.pk),
    }


def rival_things(tenant: Tenant, *, name: str = "rival") -> Things:
    """One more of everything inside the tenant, told from the first by its name."""
    with tenant_scope(tenant):
        return _inside(name)


def platform_things(tenant: Tenant) -> Things:
    """One of everything that the platform's staff look after."""
    domain = Domain.objects.create(tenant=tenant, domain=f"{tenant.slug}.example.com", is_primary=False)
    plan = Plan.objects.create(code=f"plan-{tenant.slug}", name="A plan")
    return {
        "tenant_id": str(tenant.pk),
        "domain_id": str(domain.pk),
        "plan_id": str(plan.pk),
        "user_id": str(factories.make_user(f"someone@{tenant.slug}.example").pk),
    }


def _inside(slug: str) -> Things:
    provider = TenantAIProvider.objects.get()
    dataset = dataset_services.create_dataset(by=SYSTEM, name="Papers")
    document = dataset_services.upload_document(
        by=SYSTEM, dataset=dataset, name="a.txt", file=SimpleUploadedFile("a.txt", f"The papers of {slug}.".encode())
    ).document
    ref = Chunk.objects.count() + 1
    chunk = Chunk.objects.create(document=document, dataset=dataset, ref=ref, version=0, seq=1, text="The papers.")
    bot = bot_services.create_bot(by=SYSTEM, name=f"Bot of {slug}", dataset_ids=[dataset.pk])
    Bot.objects.filter(pk=bot.pk).update(allowed_origins=[ORIGIN], tenant_ai_provider=provider)
    pair = dataset_services.add_pair(by=SYSTEM, dataset=dataset, question=f"Who is {slug}?", answer="A tenant.")
    curated = CuratedAnswer.objects.create(bot=bot, answer="At nine.")
    conversation = Conversation.objects.create(bot=bot, channel=Channel.API, actor_type="system", message_count=2)
    asked = Message.objects.create(conversation=conversation, seq=1, role=MessageRole.USER, content="When do you open?")
    message = Message.objects.create(
        conversation=conversation, seq=2, role=MessageRole.ASSISTANT, content="At nine.", reply_to=asked
    )
    feedback = Feedback.objects.create(message=message, rating=Rating.DOWN, actor_type="system")
    webhook = Webhook.objects.create(
        url="https://hooks.example/x", events=[EventType.PING], secret="", secret_last_four="abcd"
    )
    event = WebhookEvent.objects.create(type=EventType.PING, payload={})
    delivery = WebhookDelivery.objects.create(webhook=webhook, event=event, state=DeliveryState.DELIVERED)
    return {
        "provider_id": str(provider.pk),
        "dataset_id": str(dataset.pk),
        "document_id": str(document.pk),
        "chunk_id": str(chunk.pk),
        "pair_id": str(pair.pk),
        "bot_id": str(bot.pk),
        "bot": str(bot.pk),
        "model": bot.slug,
        "curated_answer_id": str(curated.pk),
        "conversation_id": str(conversation.pk),
        "message_id": str(message.pk),
        "response_id": f"resp_{message.pk.hex}",
        "feedback_id": str(feedback.pk),
        "budget_id": str(Budget.objects.create(bot=bot, period=BudgetPeriod.DAY, amount=5).pk),
        "webhook_id": str(webhook.pk),
        "event_id": str(event.pk),
        "delivery_id": str(delivery.pk),
    }


def _tomorrow() -> Any:
    return timezone.now() + timedelta(days=1)


# --- callers ---------------------------------------------------------------------------------------------

Headers = dict[str, str]


def member_headers(tenant: Tenant, role: Role) -> Headers:
    """What a member with that role sends."""
    return factories.bearer(factories.make_token_pair(factories.make_member(tenant, role=role)).access)


def key_headers(tenant: Tenant, *scopes: Scope) -> Headers:
    """What a program with a key of these scopes sends."""
    return factories.bearer(factories.make_api_key(tenant, scopes=scopes)[1])


def visitor_headers(tenant: Tenant, things: Things) -> Headers:
    """What the widget on a page of `ORIGIN` sends."""
    visit = visitor_tokens.Visit(
        tenant_id=tenant.pk,
        bot_id=uuid.UUID(things["bot_id"]),
        origin=ORIGIN,
        visitor_id=uuid.uuid4(),
        conversation_id=uuid.UUID(things["conversation_id"]),
    )
    return {**factories.bearer(visitor_tokens.issue(visit)), "Origin": ORIGIN}


def staff_headers() -> Headers:
    """What somebody of the platform's staff sends."""
    factories.make_user("staff@platform.example", is_staff=True, is_superuser=True)
    asked = {"email": "staff@platform.example", "password": factories.PASSWORD}
    answer = Client().post("/v1/admin/token", asked, content_type="application/json")
    return factories.bearer(answer.json()["access"])


def actors() -> dict[str, Actor]:
    """One actor of every kind but the system, as the table of capabilities sees them."""
    return {
        **{str(role): Actor(type="user", role=role) for role in Role},
        **{f"key: {scope}": Actor(type="api_key", scopes=frozenset({scope})) for scope in Scope},
        "visitor": Actor(type="visitor"),
        "staff": Actor(type="staff"),
    }


def headers_of(caller: str, tenant: Tenant, things: Things) -> Headers:
    """What a caller of one of these kinds sends; nothing for somebody who is nobody."""
    if caller == "anonymous":
        return {}
    if caller == "visitor":
        return visitor_headers(tenant, things)
    if caller == "staff":
        return staff_headers()
    if caller.startswith("key: "):
        return key_headers(tenant, Scope(caller.removeprefix("key: ")))
    return member_headers(tenant, Role(caller))
