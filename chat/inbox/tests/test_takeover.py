"""Tests of people in conversations: asked for, taking over, writing, handing back, and what the bot does meanwhile."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.test import APIClient

from bots.models import Bot
from chat.conversations.services.lifecycle import end_conversation, end_idle
from chat.enums import Channel, Handling, MessageRole, MessageStatus, RequestReason
from chat.inbox.exceptions import ConversationTakenError, EmptyReplyError, NotTakenOverError
from chat.inbox.services.takeover import hand_back, reply, take_over
from chat.models import Conversation, Message
from chat.tests.fixtures import MakeBot
from chat.turns.exceptions import OutOfReachError, PersonNotOfferedError
from chat.turns.history import history_of
from chat.turns.services.handoff import request_person
from chat.turns.services.restart import may_go_on
from chatcms.webhooks.enums import EventType
from chatcms.webhooks.models import Webhook, WebhookEvent
from datasets.models import Dataset
from providers.models import TenantAIProvider
from providers.tests.fake_provider import FakeProvider
from tenants.context import tenant_scope
from tenants.enums import Role
from tenants.models import ApiKey, AuditEvent, Tenant, User
from tenants.tests import factories
from tenants.types import SYSTEM, Actor

INBOX = "/v1/tenant/conversations"
CHAT = "/v1/chat/conversations"


@pytest.fixture
def bot(make_bot: MakeBot) -> Bot:
    return make_bot("echo", look={"talk_to_person": True})


@pytest.fixture
def caller(api_key: str) -> APIClient:
    """Somebody with a key of acme, who both asks and looks after the bots."""
    return APIClient(headers=factories.bearer(api_key))


@pytest.fixture
def ann(acme: Tenant) -> Actor:
    """A member of acme."""
    member = factories.make_member(acme, "ann@acme.example", role=Role.EDITOR)
    User.objects.filter(pk=member.user_id).update(name="Ann")
    return factories.actor_of(member)


@pytest.fixture
def bob(acme: Tenant) -> Actor:
    """Another one, without a name."""
    return factories.actor_of(factories.make_member(acme, "bob@acme.example", role=Role.EDITOR))


@pytest.fixture
def in_talk(in_acme: Tenant, bot: Bot) -> Conversation:
    return talk(bot)


def talk(bot: Bot, **more: Any) -> Conversation:
    """A visitor's conversation of one turn."""
    values = {"actor_type": "visitor", "actor_id": uuid.uuid4(), "channel": Channel.WIDGET, "message_count": 2, **more}
    conversation = Conversation.objects.create(bot=bot, title="When?", **values)
    asked = Message.objects.create(conversation=conversation, seq=1, role=MessageRole.USER, content="When?")
    Message.objects.create(
        conversation=conversation, seq=2, role=MessageRole.ASSISTANT, content="At nine.", reply_to=asked
    )
    return conversation


def ask(caller: APIClient, text: str = "Apples", *, key: str = "", **more: object) -> Any:
    headers = {"Idempotency-Key": key} if key else {}
    return caller.post("/v1/chat/bots/guide/messages", {"message": text, **more}, format="json", headers=headers)


def listen() -> None:
    """Have a webhook that wants to know."""
    Webhook.objects.create(url="https://hooks.example/x", events=[EventType.PERSON_REQUESTED], secret="x")


def actions() -> list[str]:
    lines = AuditEvent.objects.filter(action__startswith="conversation.").order_by("id")
    return list(lines.values_list("action", flat=True))


# --- asking for a person ----------------------------------------------------------------------------------


def test_a_person_is_asked_for_once_and_the_webhooks_are_told(in_talk: Conversation) -> None:
    listen()

    asked = request_person(by=SYSTEM, conversation=in_talk)
    again = request_person(by=SYSTEM, conversation=in_talk, reason=RequestReason.USAGE_LIMIT)

    assert (asked.handling, asked.request_reason) == (Handling.REQUESTED, "customer_request")
    assert (again.request_reason, again.requested_at) == (asked.request_reason, asked.requested_at)
    told = WebhookEvent.objects.get()
    assert told.type == "conversation.person_requested"
    assert (told.payload["reason"], told.payload["question"]) == ("customer_request", "When?")
    assert told.payload["conversation_id"] == str(in_talk.pk)
    assert actions() == ["conversation.request_person"]


def test_a_bot_that_does_not_offer_it_is_not_left_for_a_person(in_talk: Conversation) -> None:
    Bot.objects.update(look={})
    in_talk.refresh_from_db()

    with pytest.raises(PersonNotOfferedError):
        request_person(by=SYSTEM, conversation=in_talk)


def test_asking_for_a_person_opens_a_conversation_that_had_ended(in_talk: Conversation) -> None:
    end_conversation(by=SYSTEM, conversation=in_talk)

    asked = request_person(by=SYSTEM, conversation=in_talk)

    assert asked.ended_at is None
    assert timezone.now() - asked.last_message_at < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("channel", "handling"),
    [(Channel.WIDGET, "requested"), (Channel.API, "requested"), (Channel.OPENAI, "bot"), (Channel.PORTAL, "bot")],
)
def test_a_bot_without_evidence_that_hands_over_has_a_person_asked_for_where_one_can_be_heard(
    acme: Tenant, make_bot: MakeBot, handbook: Dataset, caller: APIClient, channel: Channel, handling: str
) -> None:
    bot = make_bot("cite", dataset=handbook, no_evidence="handoff")
    with tenant_scope(acme):
        listen()
        holder = ApiKey.objects.get(tenant=acme).pk
        held = Conversation.objects.create(bot=bot, channel=channel, actor_type="api_key", actor_id=holder)

    answer = ask(caller, "Zyx qwv plomb?", conversation_id=str(held.pk)).json()

    assert answer["answered_by"] == "handoff"
    with tenant_scope(acme):
        conversation = Conversation.objects.get()
        told = WebhookEvent.objects.count()
    assert conversation.handling == handling
    assert conversation.request_reason == ("missing_knowledge" if handling == "requested" else "")
    assert told == (1 if handling == "requested" else 0)


def test_one_whose_model_finds_no_answer_has_a_person_asked_for_too(
    acme: Tenant, make_bot: MakeBot, handbook: Dataset, caller: APIClient
) -> None:
    make_bot("no-answer", dataset=handbook, no_evidence="handoff")

    answer = ask(caller, "How long may purchases be returned?").json()

    assert (answer["answered_by"], answer["has_evidence"]) == ("handoff", False)
    assert "can help you" in answer["answer"]
    with tenant_scope(acme):
        assert Conversation.objects.get().request_reason == "missing_knowledge"


def test_while_a_person_is_waited_for_the_bot_goes_on(
    acme: Tenant, bot: Bot, caller: APIClient, fake: FakeProvider
) -> None:
    first = ask(caller).json()
    url = f"{CHAT}/{first['conversation_id']}"

    assert caller.post(f"{url}/request-person", {}, format="json").json()["handling"] == "requested"

    assert ask(caller, "Pears", conversation_id=first["conversation_id"]).json()["answer"]
    shown = caller.get(url).json()
    assert (shown["handling"], shown["person"]) == ("requested", None)


# --- taking over ------------------------------------------------------------------------------------------


def test_who_takes_a_conversation_over_has_it_until_handing_it_back(in_talk: Conversation, ann: Actor) -> None:
    taken = take_over(by=ann, conversation=in_talk)

    assert (taken.handling, taken.taken_by, taken.taken_by_name) == ("person", ann.id, "Ann")

    back = hand_back(by=ann, conversation=in_talk)

    assert (back.handling, back.taken_by, back.taken_by_name) == ("bot", None, "")
    assert back.taken_at == taken.taken_at
    assert actions() == ["conversation.take_over", "conversation.hand_back"]


def test_a_second_person_is_told_who_has_it_and_may_take_it_all_the_same(
    in_talk: Conversation, ann: Actor, bob: Actor
) -> None:
    take_over(by=ann, conversation=in_talk)

    with pytest.raises(ConversationTakenError, match="“Ann” has this conversation"):
        take_over(by=bob, conversation=in_talk)
    taken = take_over(by=bob, conversation=in_talk, instead_of_other=True)

    # A member without a name speaks as the tenant; an address is nobody's business.
    assert (taken.taken_by, taken.taken_by_name) == (bob.id, "Acme")
    with pytest.raises(ConversationTakenError):
        reply(by=ann, conversation=in_talk, content="Hello")


@pytest.mark.parametrize("channel", [Channel.OPENAI, Channel.PORTAL])
def test_nobody_takes_over_where_nobody_would_hear_it(in_talk: Conversation, ann: Actor, channel: Channel) -> None:
    in_talk.channel = channel
    in_talk.save()

    with pytest.raises(OutOfReachError):
        take_over(by=ann, conversation=in_talk)
    with pytest.raises(OutOfReachError):
        request_person(by=SYSTEM, conversation=in_talk)


def test_a_conversation_that_has_ended_is_open_again_when_somebody_takes_it_over(
    in_talk: Conversation, ann: Actor
) -> None:
    end_conversation(by=SYSTEM, conversation=in_talk)

    assert take_over(by=ann, conversation=in_talk).ended_at is None


def test_the_end_of_a_conversation_is_the_end_of_a_persons_part_in_it(in_talk: Conversation, ann: Actor) -> None:
    take_over(by=ann, conversation=in_talk)

    ended = end_conversation(by=ann, conversation=in_talk)

    assert (ended.handling, ended.taken_by, ended.ended_at is not None) == ("bot", None, True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Conversation.objects.update(handling=Handling.PERSON)


def test_a_person_is_given_longer_than_a_bot_before_a_conversation_is_over(bot: Bot, in_acme: Tenant) -> None:
    hours = {name: timezone.now() - timedelta(hours=age) for name, age in {"an hour": 1, "a day": 25}.items()}
    talk(bot, last_message_at=hours["an hour"])
    waiting = talk(bot, last_message_at=hours["an hour"], handling=Handling.REQUESTED)
    forgotten = talk(bot, last_message_at=hours["a day"], handling=Handling.PERSON, taken_by_name="Ann")

    assert end_idle() == 2

    going_on = Conversation.objects.get(ended_at=None)
    assert going_on == waiting
    forgotten.refresh_from_db()
    assert (forgotten.handling, forgotten.taken_by_name) == ("bot", "")


# --- writing ----------------------------------------------------------------------------------------------


def test_what_a_person_writes_is_the_next_message_under_their_name(in_talk: Conversation, ann: Actor) -> None:
    take_over(by=ann, conversation=in_talk, name="  Ann of   Acme ")

    written = reply(by=ann, conversation=in_talk, content=" I can help. ")

    assert (written.role, written.content, written.seq) == ("person", "I can help.", 3)
    assert (written.author_id, written.author_name, written.status) == (ann.id, "Ann of Acme", "complete")
    in_talk.refresh_from_db()
    assert in_talk.message_count == 3
    assert actions()[-1] == "conversation.reply"


def test_nobody_writes_in_a_conversation_that_the_bot_has(in_talk: Conversation, ann: Actor) -> None:
    with pytest.raises(NotTakenOverError):
        reply(by=ann, conversation=in_talk, content="Hello")
    take_over(by=ann, conversation=in_talk)
    with pytest.raises(EmptyReplyError):
        reply(by=ann, conversation=in_talk, content=" \x00\u200b\u2800 ")


# --- the bot meanwhile ------------------------------------------------------------------------------------


def test_a_question_waits_for_the_person_and_asks_no_model(
    acme: Tenant, bot: Bot, caller: APIClient, fake: FakeProvider
) -> None:
    first = ask(caller).json()
    fake.reset()
    caller.post(f"{INBOX}/{first['conversation_id']}/take-over", {"name": "Ann"}, format="json")

    left = ask(caller, "And pears?", conversation_id=first["conversation_id"])

    assert left.status_code == 202
    assert left.json() == {
        "conversation_id": first["conversation_id"],
        "question_id": left.json()["question_id"],
        "handling": "person",
        "person": {"name": "Ann"},
    }
    assert fake.stats()["requests"] == 0
    listed = caller.get(f"{CHAT}/{first['conversation_id']}/messages").json()["results"]
    assert [(one["seq"], one["role"]) for one in listed] == [(1, "user"), (2, "assistant"), (3, "user")]
    assert listed[-1]["id"] == left.json()["question_id"]


def test_as_a_stream_it_is_told_by_the_event_person(bot: Bot, caller: APIClient) -> None:
    first = ask(caller).json()
    caller.post(f"{INBOX}/{first['conversation_id']}/take-over", {"name": "Ann"}, format="json")

    left = ask(caller, "And pears?", conversation_id=first["conversation_id"], stream=True)

    assert left.status_code == 200
    assert left["Content-Type"].startswith("text/event-stream")
    names = [line[7:] for line in left.content.decode().splitlines() if line.startswith("event: ")]
    assert names == ["conversation", "person"]


def test_a_question_sent_again_with_its_key_is_left_once(acme: Tenant, bot: Bot, caller: APIClient) -> None:
    first = ask(caller).json()
    caller.post(f"{INBOX}/{first['conversation_id']}/take-over", {"name": "Ann"}, format="json")

    left = [ask(caller, "Pears?", key="k-1", conversation_id=first["conversation_id"]) for _ in range(2)]

    assert [one.status_code for one in left] == [202, 202]
    assert left[0].json() == left[1].json()
    assert left[1]["Idempotency-Replayed"] == "true"
    with tenant_scope(acme):
        assert Message.objects.count() == 3


def test_a_person_needs_neither_a_model_nor_room_in_the_plan(acme: Tenant, bot: Bot, caller: APIClient) -> None:
    first = ask(caller).json()
    caller.post(f"{INBOX}/{first['conversation_id']}/take-over", {}, format="json")
    with tenant_scope(acme):
        TenantAIProvider.objects.update(is_active=False)

    assert ask(caller, "Pears?", conversation_id=first["conversation_id"]).status_code == 202
    assert ask(caller, "Pears?").status_code == 424


def test_after_handing_back_the_bot_knows_what_the_person_said(bot: Bot, caller: APIClient, fake: FakeProvider) -> None:
    first = ask(caller).json()
    talking = {"conversation_id": first["conversation_id"]}
    url = f"{INBOX}/{first['conversation_id']}"
    caller.post(f"{url}/take-over", {}, format="json")
    ask(caller, "And pears?", **talking)
    ask(caller, "Ripe ones?", **talking)
    caller.post(f"{url}/reply", {"content": "We have pears."}, format="json")
    caller.post(f"{url}/reply", {"content": "Ripe on Monday."}, format="json")
    caller.post(f"{url}/hand-back", format="json")

    assert ask(caller, "Plums?", **talking).status_code == 200

    sent = fake.stats()["last_body"]["messages"]
    said = [(one["role"], one["content"]) for one in sent if one["role"] != "system"]
    assert said[2:] == [
        ("user", "And pears?\n\nRipe ones?"),
        ("assistant", "We have pears.\n\nRipe on Monday."),
        ("user", "Plums?"),
    ]


def test_an_answer_is_not_made_anew_while_a_person_has_the_conversation(
    acme: Tenant, bot: Bot, caller: APIClient
) -> None:
    first = ask(caller).json()
    caller.post(f"{INBOX}/{first['conversation_id']}/take-over", {}, format="json")

    again = caller.post(f"/v1/chat/messages/{first['message_id']}/regenerate", {}, format="json")

    assert (again.status_code, again.json()["code"]) == (409, "person_answers")
    with tenant_scope(acme):
        answer = Message.objects.select_related("conversation").get(pk=first["message_id"])
        answer.status, answer.finish_reason = MessageStatus.STOPPED, ""
        assert not may_go_on(answer)
        answer.conversation.handling = Handling.REQUESTED
        assert may_go_on(answer)


def test_another_callers_conversation_stays_unknown_also_when_a_person_has_it(
    acme: Tenant, bot: Bot, caller: APIClient, ann: Actor
) -> None:
    with tenant_scope(acme):
        conversation = talk(bot)
        take_over(by=ann, conversation=conversation)

    answer = ask(caller, conversation_id=str(conversation.pk))

    assert (answer.status_code, answer.json()["code"]) == (404, "no_such_conversation")
    with tenant_scope(acme):
        assert Message.objects.count() == 2


# --- over HTTP --------------------------------------------------------------------------------------------


def test_a_whole_handover_over_http(acme: Tenant, bot: Bot, caller: APIClient) -> None:
    first = ask(caller).json()
    url = f"{INBOX}/{first['conversation_id']}"
    assert caller.post(f"{CHAT}/{first['conversation_id']}/request-person", {}, format="json").status_code == 200

    waiting = caller.get(INBOX, {"handling": "requested"}).json()["results"]
    taken = caller.post(f"{url}/take-over", {"name": "Ann"}, format="json").json()
    written = caller.post(f"{url}/reply", {"content": "Hello"}, format="json")
    ended = caller.post(f"{url}/end", format="json").json()

    assert [one["request_reason"] for one in waiting] == ["customer_request"]
    assert (taken["handling"], taken["person"]) == ("person", {"name": "Ann"})
    assert taken["taken_at"] is not None
    assert written.status_code == 201
    assert (written.json()["role"], written.json()["person"]) == ("person", {"name": "Ann"})
    assert written.json()["author_id"] == taken["taken_by"]
    assert written.json()["answered_by"] is None
    assert (ended["handling"], ended["ended_at"] is not None) == ("bot", True)
    assert caller.get(INBOX, {"handling": "requested"}).json()["results"] == []


@pytest.mark.parametrize(
    ("verb", "body", "code"),
    [
        ("reply", {"content": "Hello"}, "not_taken_over"),
        ("request-person", {}, "person_not_offered"),
        ("request-person", {"reason": "boredom"}, "invalid_request"),
    ],
)
def test_refusals_say_what_to_do(
    acme: Tenant, make_bot: MakeBot, caller: APIClient, verb: str, body: dict[str, str], code: str
) -> None:
    make_bot("echo")
    first = ask(caller).json()
    base = CHAT if verb == "request-person" else INBOX

    refused = caller.post(f"{base}/{first['conversation_id']}/{verb}", body, format="json")

    assert refused.json()["code"] == code, refused.content


def test_a_member_who_may_only_look_takes_nothing_over(acme: Tenant, bot: Bot) -> None:
    viewer = factories.make_token_pair(factories.make_member(acme, role=Role.VIEWER)).access
    with tenant_scope(acme):
        conversation = talk(bot)
    client = APIClient(headers=factories.bearer(viewer))

    for verb in ("take-over", "hand-back", "reply", "end"):
        assert client.post(f"{INBOX}/{conversation.pk}/{verb}", {}, format="json").status_code == 403


def test_history_without_people_is_what_it_was(in_talk: Conversation) -> None:
    Message.objects.create(conversation=in_talk, seq=3, role=MessageRole.USER, content="Lost")
    Message.objects.create(conversation=in_talk, seq=4, role=MessageRole.ASSISTANT, status=MessageStatus.FAILED)

    assert [one.text for one in history_of(in_talk.pk)] == ["When?", "At nine."]
