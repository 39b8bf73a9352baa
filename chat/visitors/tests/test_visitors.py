"""Tests of visitors: who is let in from where, what a token is good for, and what it is not."""

from __future__ import annotations

import asyncio
import hmac
import time
import uuid
from datetime import datetime, timedelta
from typing import Any

import jwt
import pytest
from django.core import signing
from django.test import AsyncRequestFactory
from django.utils import timezone
from rest_framework.test import APIClient

from bots.models import Bot, BotSighting
from bots.public_id import ids_of, public_id
from bots.services import edit_draft, publish_bot
from chat.models import Conversation, Message
from chat.tests.fixtures import MakeBot
from chat.turns.services import pair
from chat.turns.turn import TurnRules
from chatcms.core.http.handler import ApiHandler
from chatcms.core.http.threads import shared_threads
from tenants.context import tenant_scope
from tenants.models import Tenant
from tenants.services import lifecycle, visitor_tokens
from tenants.services.settings import make_identity_secret
from tenants.services.visitor_tokens import Visit
from tenants.types import SYSTEM

PAGE = "https://shop.example"
OTHER_PAGE = "https://evil.example"
VISITORS = "/v1/chat/visitors"


@pytest.fixture
def shown(make_bot: MakeBot, acme: Tenant) -> Bot:
    """A bot of acme that pages of one origin may show."""
    bot = make_bot("echo")
    with tenant_scope(acme):
        Bot.objects.update(allowed_origins=[PAGE])
    return bot


def _public(tenant: Tenant, bot: Bot) -> str:
    return public_id(tenant_id=tenant.id, bot_id=bot.pk)


def _arrive(tenant: Tenant, bot: Bot, *, origin: str | None = PAGE, **body: object) -> Any:
    headers = {"Origin": origin} if origin is not None else {}
    return APIClient(headers=headers).post(VISITORS, {"bot": _public(tenant, bot), **body}, format="json")


def _page(token: str, origin: str | None = PAGE) -> APIClient:
    headers = {"Authorization": f"Bearer {token}", **({"Origin": origin} if origin is not None else {})}
    return APIClient(headers=headers)


def _ask(page: APIClient, bot: str = "guide", **more: object) -> Any:
    return page.post(f"/v1/chat/bots/{bot}/messages", {"message": "Apples", **more}, format="json")


def _visit(tenant: Tenant, bot: Bot, **changes: Any) -> Visit:
    values: dict[str, Any] = {
        "tenant_id": tenant.id,
        "bot_id": bot.pk,
        "origin": PAGE,
        "visitor_id": uuid.uuid4(),
        "conversation_id": uuid.uuid4(),
    }
    return Visit(**{**values, **changes})


def _hash(secret: str, user_id: str) -> str:
    return hmac.digest(secret.encode(), user_id.encode(), "sha256").hex()


def _jwt(secret: str, **claims: object) -> str:
    return jwt.encode({"sub": "user-1", "exp": time.time() + 600, **claims}, secret, algorithm="HS256")


# --- public ids -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tenant_id", "bot_id"),
    [(uuid.UUID(int=0), uuid.UUID(int=0)), (uuid.UUID(int=2**128 - 1),) * 2, (uuid.uuid4(), uuid.uuid4())],
)
def test_a_public_id_names_its_tenant_and_bot(tenant_id: uuid.UUID, bot_id: uuid.UUID) -> None:
    text = public_id(tenant_id=tenant_id, bot_id=bot_id)

    assert len(text) == len("bot_") + 43
    assert ids_of(text) == (tenant_id, bot_id)


@pytest.mark.parametrize("text", ["", "bot_", "bot_" + "z" * 43, "bot_" + "0" * 42, "bot_" + "-" * 43, "x" * 47])
def test_what_is_no_public_id_names_nothing(text: str) -> None:
    assert ids_of(text) is None


# --- being let in ---------------------------------------------------------------------------------------


def test_a_page_of_an_allowed_origin_gets_a_token(acme: Tenant, shown: Bot) -> None:
    response = _arrive(acme, shown)

    let_in = response.json()
    assert response.status_code == 201
    assert response["Cache-Control"] == "no-store"
    assert let_in["identified"] is False
    assert let_in["bot"]["slug"] == "guide"
    assert "prompt" not in response.content.decode()
    assert _page(let_in["token"]).get("/v1/chat/bots/guide").status_code == 200


@pytest.mark.parametrize("origin", [OTHER_PAGE, None, "null", "http://shop.example", "https://shop.example:8443"])
def test_a_page_of_another_origin_or_of_none_gets_nothing(acme: Tenant, shown: Bot, origin: str | None) -> None:
    response = _arrive(acme, shown, origin=origin)

    assert (response.status_code, response.json()["code"]) == (403, "origin_not_allowed")


def test_the_tenant_sees_on_which_site_a_bot_was_shown_and_on_which_it_was_not(acme: Tenant, shown: Bot) -> None:
    assert _arrive(acme, shown).status_code == 201
    assert _arrive(acme, shown, origin=OTHER_PAGE).status_code == 403
    with tenant_scope(acme):
        assert list(BotSighting.objects.values_list("bot", "origin")) == [(shown.pk, PAGE)]


def test_visitors_meet_what_is_published_and_never_the_draft(acme: Tenant, shown: Bot) -> None:
    with tenant_scope(acme):
        edit_draft(by=SYSTEM, bot=shown, name="Drafted", welcome_message="Drafted.", look={"title": "Drafted"})
    arrived = _arrive(acme, shown).json()
    assert (arrived["bot"]["name"], arrived["bot"]["welcome_message"]) == ("Guide", "")
    assert arrived["bot"]["look"]["title"] == ""
    with tenant_scope(acme):
        publish_bot(by=SYSTEM, bot=shown)
    assert _arrive(acme, shown).json()["bot"]["look"]["title"] == "Drafted"


def test_a_bot_without_allowed_origins_is_shown_on_no_page(acme: Tenant, make_bot: MakeBot) -> None:
    assert _arrive(acme, make_bot()).json()["code"] == "origin_not_allowed"


def test_a_bot_that_is_unknown_or_off_or_of_a_suspended_tenant_is_not_found(
    acme: Tenant, globex: Tenant, shown: Bot
) -> None:
    assert _arrive(globex, shown).json()["code"] == "no_such_bot"
    with tenant_scope(acme):
        Bot.objects.update(is_active=False)
    assert _arrive(acme, shown).status_code == 404
    with tenant_scope(acme):
        Bot.objects.update(is_active=True)
    lifecycle.suspend_tenant(by=SYSTEM, tenant=acme)

    assert _arrive(acme, shown).json()["code"] == "no_such_bot"


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"conversation_id": "7"}, 400, "/conversation_id"),
        ({"identity": {"user_id": "a"}}, 400, "/identity/hash"),
        ({"identity": {"user_id": "a", "hash": "b"}, "identity_token": "c"}, 422, "/identity"),
        ({"conversation_id": str(uuid.uuid4()), "new_conversation": True}, 422, "/new_conversation"),
    ],
)
def test_a_malformed_arrival_names_its_field(
    acme: Tenant, shown: Bot, body: dict[str, Any], status: int, pointer: str
) -> None:
    response = _arrive(acme, shown, **body)

    assert response.status_code == status
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]


# --- a conversation -------------------------------------------------------------------------------------


def test_the_first_question_opens_the_reserved_conversation_and_the_next_goes_on(acme: Tenant, shown: Bot) -> None:
    let_in = _arrive(acme, shown).json()
    page = _page(let_in["token"])
    assert page.get(f"/v1/chat/conversations/{let_in['conversation_id']}").status_code == 404

    first, second = _ask(page).json(), _ask(page, conversation_id=let_in["conversation_id"]).json()

    assert first["conversation_id"] == second["conversation_id"] == let_in["conversation_id"]
    with tenant_scope(acme):
        conversation = Conversation.objects.get()
    assert (conversation.channel, conversation.origin, conversation.message_count) == ("widget", PAGE, 4)
    assert (conversation.actor_type, str(conversation.actor_id)) == ("visitor", let_in["visitor_id"])
    messages = page.get(f"/v1/chat/conversations/{conversation.pk}/messages").json()["results"]
    assert [message["role"] for message in messages] == ["user", "assistant"] * 2


def test_of_two_first_questions_at_once_one_opens_the_conversation_and_the_other_goes_on_with_it(
    acme: Tenant, shown: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = _page(_arrive(acme, shown).json()["token"])
    _ask(page)
    save, looked = pair.save, []

    def too_early(statement: str, *args: Any) -> TurnRules | None:
        """The first look is before the other has opened the conversation."""
        looked.append(statement)
        return save(statement, *args) if len(looked) > 1 else None

    monkeypatch.setattr(pair, "save", too_early)
    assert _ask(page).status_code == 200

    assert len(looked) == 3
    with tenant_scope(acme):
        assert Conversation.objects.get().message_count == 4


def test_a_visitor_reaches_nothing_but_the_tokens_bot_and_conversation(
    acme: Tenant, shown: Bot, make_bot: MakeBot
) -> None:
    make_bot("echo", name="Other")
    page = _page(_arrive(acme, shown).json()["token"])
    other = _arrive(acme, shown).json()
    _ask(_page(other["token"]))

    assert _ask(page, "other").json()["code"] == "no_such_bot"
    assert page.get("/v1/chat/bots/other").status_code == 404
    assert [bot["slug"] for bot in page.get("/v1/chat/bots").json()["results"]] == ["guide"]
    assert [model["id"] for model in page.get("/v1/models").json()["data"]] == ["guide"]
    for path in ("", "/messages"):
        assert page.get(f"/v1/chat/conversations/{other['conversation_id']}{path}").status_code == 404
    assert _ask(page, conversation_id=other["conversation_id"]).json()["code"] == "no_such_conversation"
    assert page.get("/v1/chat/conversations").json()["results"] == []
    for path in (
        "/v1/tenant/bots",
        "/v1/tenant/datasets",
        "/v1/tenant/conversations",
        "/v1/tenant/feedback",
        "/v1/tenant/api-keys",
    ):
        assert page.get(path).status_code == 403


# --- our own pages --------------------------------------------------------------------------------------

OWN_PAGE = "https://testserver"


def test_our_own_pages_show_a_bot_that_has_a_page_here(acme: Tenant, make_bot: MakeBot) -> None:
    bot = make_bot("echo")
    assert _arrive(acme, bot, origin=OWN_PAGE).json()["code"] == "origin_not_allowed"
    with tenant_scope(acme):
        Bot.objects.update(hosted_page=True)

    let_in = _arrive(acme, bot, origin=OWN_PAGE).json()

    assert _ask(_page(let_in["token"], OWN_PAGE)).status_code == 200
    with tenant_scope(acme):
        assert Conversation.objects.get().origin == "http://testserver"  # as the server knows itself
        Bot.objects.update(hosted_page=False)
    assert _ask(_page(let_in["token"], OWN_PAGE)).json()["code"] == "origin_not_allowed"


def test_our_own_pages_show_a_bot_in_the_frame_for_its_allowed_pages(acme: Tenant, shown: Bot) -> None:
    assert _arrive(acme, shown, origin=OWN_PAGE).status_code == 201
    assert _arrive(acme, shown, origin="https://testserver.evil.example").status_code == 403


# --- how much visitors may ask --------------------------------------------------------------------------


def test_visitors_ask_a_bot_no_more_than_its_owner_allows_for_a_day(acme: Tenant, shown: Bot, api_key: str) -> None:
    with tenant_scope(acme):
        Bot.objects.update(daily_visitor_questions=2)
    first, second = (_page(_arrive(acme, shown).json()["token"]) for _ in range(2))
    answer = _ask(first).json()
    assert first.post(f"/v1/chat/messages/{answer['message_id']}/regenerate", {}, format="json").status_code == 200
    assert first.delete(f"/v1/chat/conversations/{answer['conversation_id']}").status_code == 204

    refused = _ask(second)

    assert (refused.status_code, refused.json()["code"]) == (429, "daily_questions_used_up")
    assert 0 < int(refused["Retry-After"]) <= 24 * 3600
    assert _ask(APIClient(headers={"Authorization": f"Bearer {api_key}"})).status_code == 200


# --- what a token is not good for -----------------------------------------------------------------------


def _refusal(token: str, origin: str | None = PAGE) -> tuple[int, str]:
    response = _page(token, origin).get("/v1/chat/bots/guide")
    return response.status_code, response.json().get("code", "")


@pytest.mark.parametrize("origin", [OTHER_PAGE, None, "null"])
def test_a_token_is_good_only_for_pages_of_its_origin(acme: Tenant, shown: Bot, origin: str | None) -> None:
    token = visitor_tokens.issue(_visit(acme, shown))

    assert _refusal(token) == (200, "")
    assert _refusal(token, origin) == (403, "origin_not_allowed")


def test_reads_of_a_page_of_this_very_origin_need_not_name_it(acme: Tenant, shown: Bot) -> None:
    with tenant_scope(acme):
        Bot.objects.update(allowed_origins=["http://testserver"])
    page = _page(visitor_tokens.issue(_visit(acme, shown, origin="http://testserver")), None)

    assert page.get("/v1/chat/bots/guide").status_code == 403
    assert page.get("/v1/chat/bots/guide", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert page.get("/v1/chat/bots/guide", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 200


def test_a_forged_or_damaged_token_is_refused(acme: Tenant, shown: Bot, settings: Any) -> None:
    token = visitor_tokens.issue(_visit(acme, shown))
    body, stamp, signature = token.split(":")
    swapped = visitor_tokens.issue(_visit(acme, shown, bot_id=uuid.uuid4())).split(":")[0]
    other_salt = visitor_tokens.BRAND + signing.dumps(["0" * 32] * 4 + [PAGE, ""], salt="another")
    settings.SECRET_KEY = "another secret key, as long as one should be"
    forged = visitor_tokens.issue(_visit(acme, shown))
    settings.SECRET_KEY = "one more"

    damaged = [f"{swapped}:{stamp}:{signature}", f"{body}:{stamp}:x", body, visitor_tokens.BRAND, other_salt, forged]
    for text in [*damaged, visitor_tokens.BRAND + "é", visitor_tokens.BRAND + "x" * 3000]:
        assert _refusal(text) == (401, "visitor_token_invalid"), text


def test_a_signed_token_of_another_shape_is_refused(shown: Bot) -> None:
    payloads: list[Any] = [{}, [], [1, 2, 3, 4, 5, 6], "text", ["x"] * 6]
    for payload in payloads:
        text = visitor_tokens.BRAND + signing.dumps(payload, salt="chatcms.visitor")
        assert _refusal(text) == (401, "visitor_token_invalid"), payload


def test_tokens_of_a_former_secret_key_are_honoured(acme: Tenant, shown: Bot, settings: Any) -> None:
    token = visitor_tokens.issue(_visit(acme, shown))
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = [settings.SECRET_KEY], "the next one"

    assert _refusal(token) == (200, "")


def _aged(monkeypatch: pytest.MonkeyPatch, age: timedelta, visit: Visit) -> str:
    with monkeypatch.context() as patch:
        then = time.time() - age.total_seconds()
        patch.setattr("django.core.signing.time.time", lambda: then)
        return visitor_tokens.issue(visit)


def test_an_expired_token_is_refused_and_can_be_renewed_for_a_month(
    acme: Tenant, shown: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit = _visit(acme, shown)
    expired = _aged(monkeypatch, visitor_tokens.LIFETIME + timedelta(minutes=1), visit)
    ancient = _aged(monkeypatch, visitor_tokens.RENEWABLE + timedelta(minutes=1), visit)

    assert _refusal(expired) == (401, "visitor_token_expired")
    assert _arrive(acme, shown, token=ancient).json()["code"] == "visitor_token_expired"
    renewed = _arrive(acme, shown, token=expired).json()
    assert (renewed["visitor_id"], renewed["conversation_id"]) == (str(visit.visitor_id), str(visit.conversation_id))
    assert _refusal(renewed["token"]) == (200, "")


def test_a_renewal_may_begin_a_new_conversation(acme: Tenant, shown: Bot) -> None:
    visit = _visit(acme, shown)

    renewed = _arrive(acme, shown, token=visitor_tokens.issue(visit), new_conversation=True).json()

    assert renewed["visitor_id"] == str(visit.visitor_id)
    assert renewed["conversation_id"] != str(visit.conversation_id)


@pytest.mark.parametrize("change", ["tenant_id", "bot_id", "origin"])
def test_a_token_of_another_tenant_bot_or_origin_renews_nothing(acme: Tenant, shown: Bot, change: str) -> None:
    other = visitor_tokens.issue(_visit(acme, shown, **{change: OTHER_PAGE if change == "origin" else uuid.uuid4()}))

    response = _arrive(acme, shown, token=other)

    assert (response.status_code, response.json()["code"]) == (401, "visitor_token_invalid")


def test_what_is_forbidden_after_the_token_was_issued_is_refused_at_once(acme: Tenant, shown: Bot) -> None:
    token = visitor_tokens.issue(_visit(acme, shown))
    with tenant_scope(acme):
        Bot.objects.update(allowed_origins=[OTHER_PAGE])
    assert _refusal(token) == (403, "origin_not_allowed")
    with tenant_scope(acme):
        Bot.objects.update(allowed_origins=[PAGE], is_active=False)
    assert _refusal(token) == (401, "visitor_token_invalid")
    with tenant_scope(acme):
        Bot.objects.update(is_active=True)
    assert _refusal(token) == (200, "")
    lifecycle.suspend_tenant(by=SYSTEM, tenant=acme)
    assert _refusal(token) == (401, "visitor_token_invalid")


def test_a_token_names_its_tenant_and_no_other(acme: Tenant, globex: Tenant, shown: Bot) -> None:
    token = visitor_tokens.issue(_visit(globex, shown))

    assert _refusal(token) == (401, "visitor_token_invalid")


# --- identity -------------------------------------------------------------------------------------------


@pytest.fixture
def secret(acme: Tenant) -> str:
    return make_identity_secret(by=SYSTEM, tenant=acme)


def test_an_identified_visitor_is_the_same_each_time(acme: Tenant, shown: Bot, secret: str) -> None:
    hashed = _arrive(acme, shown, identity={"user_id": "user-1", "hash": _hash(secret, "user-1")}).json()
    signed = _arrive(acme, shown, identity_token=_jwt(secret)).json()

    assert hashed["identified"] is signed["identified"] is True
    assert hashed["visitor_id"] == signed["visitor_id"]
    assert hashed["conversation_id"] != signed["conversation_id"]


def test_an_identified_visitor_finds_earlier_conversations_again(acme: Tenant, shown: Bot, secret: str) -> None:
    first = _arrive(acme, shown, identity_token=_jwt(secret)).json()
    _ask(_page(first["token"]))
    later = _page(_arrive(acme, shown, identity_token=_jwt(secret)).json()["token"])

    listed = later.get("/v1/chat/conversations").json()["results"]

    assert [one["id"] for one in listed] == [first["conversation_id"]]
    assert later.get(f"/v1/chat/conversations/{first['conversation_id']}").status_code == 404
    chosen = _arrive(acme, shown, identity_token=_jwt(secret), conversation_id=first["conversation_id"]).json()
    assert chosen["conversation_id"] == first["conversation_id"]
    assert _ask(_page(chosen["token"])).json()["conversation_id"] == first["conversation_id"]
    with tenant_scope(acme):
        assert Conversation.objects.get().visitor_ref == "user-1"
        assert Message.objects.count() == 4


def test_nobody_gets_a_token_for_somebody_elses_conversation(acme: Tenant, shown: Bot, secret: str) -> None:
    first = _arrive(acme, shown, identity_token=_jwt(secret)).json()
    _ask(_page(first["token"]))

    for who in ({"identity_token": _jwt(secret, sub="user-2")}, {}):
        response = _arrive(acme, shown, conversation_id=first["conversation_id"], **who)
        assert (response.status_code, response.json()["code"]) == (404, "no_such_conversation")


def test_who_is_no_longer_vouched_for_is_somebody_else(acme: Tenant, shown: Bot, secret: str) -> None:
    identified = _arrive(acme, shown, identity_token=_jwt(secret)).json()

    anonymous = _arrive(acme, shown, token=identified["token"]).json()

    assert anonymous["identified"] is False
    assert anonymous["visitor_id"] != identified["visitor_id"]
    assert anonymous["conversation_id"] != identified["conversation_id"]


def test_a_bot_may_talk_to_identified_visitors_only(acme: Tenant, shown: Bot, secret: str) -> None:
    with tenant_scope(acme):
        Bot.objects.update(require_identity=True)
    identified = _arrive(acme, shown, identity_token=_jwt(secret))

    assert identified.status_code == 201
    for body in ({}, {"token": identified.json()["token"]}):
        response = _arrive(acme, shown, **body)
        assert (response.status_code, response.json()["code"]) == (403, "identity_required")


def test_an_identity_that_is_not_signed_as_it_must_be_is_refused(acme: Tenant, shown: Bot, secret: str) -> None:
    now = time.time()
    tokens = [
        _jwt("another secret, as long as one should be"),
        _jwt(secret, exp=now - 60),
        _jwt(secret, exp=now + 25 * 3600),
        _jwt(secret, exp=10**400),
        _jwt(secret, sub=""),
        _jwt(secret, sub="x" * 129),
        _jwt(secret, sub="a\x00b"),
        jwt.encode({"sub": "user-1"}, secret, algorithm="HS256"),
        jwt.encode({"exp": now + 60}, secret, algorithm="HS256"),
        jwt.encode({"sub": "user-1", "exp": now + 60}, secret, algorithm="HS512"),
        jwt.encode({"sub": "user-1", "exp": now + 60}, "", algorithm="none"),
        "no.token.atall",
    ]
    hashes = ["0" * 64, _hash(secret, "user-2"), _hash("another", "user-1"), "é" * 10]
    claims: list[dict[str, Any]] = [{"identity_token": token} for token in tokens]
    claims += [{"identity": {"user_id": "user-1", "hash": one}} for one in hashes]
    for claim in claims:
        response = _arrive(acme, shown, **claim)
        assert (response.status_code, response.json()["code"]) == (403, "identity_invalid"), claim


def test_without_an_identity_secret_nobody_is_vouched_for(acme: Tenant, shown: Bot) -> None:
    response = _arrive(acme, shown, identity={"user_id": "user-1", "hash": _hash("", "user-1")})

    assert response.json()["code"] == "identity_invalid"


# --- browsers -------------------------------------------------------------------------------------------


async def _preflight(path: str, method: str = "POST") -> Any:
    sent: list[dict[str, Any]] = []
    headers = {
        "origin": "https://any.example",
        "access-control-request-method": method,
        "access-control-request-headers": "authorization,content-type",
    }
    scope = AsyncRequestFactory().options(path, headers=headers).scope

    messages = [{"type": "http.request", "body": b"", "more_body": False}]

    async def receive() -> dict[str, Any]:
        return messages.pop() if messages else await asyncio.Future()

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await ApiHandler(shared_threads())(dict(scope), receive, send)
    answer = {name.decode().lower(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], answer


@pytest.mark.parametrize("path", [VISITORS, "/v1/chat/bots/guide/messages", "/v1/chat/messages/7/feedback"])
async def test_pages_of_any_origin_may_call_the_chat_api(path: str) -> None:
    status, answer = await _preflight(path, "PUT")

    assert status == 200
    assert answer["access-control-allow-origin"] == "https://any.example"
    assert {"authorization", "content-type", "last-event-id"} <= set(answer["access-control-allow-headers"].split(", "))
    assert "PUT" in answer["access-control-allow-methods"]
    assert "access-control-allow-credentials" not in answer


@pytest.mark.parametrize("path", ["/v1/tenant/bots", "/v1/auth/token", "/v1/models", "/v1/chatter"])
async def test_other_routes_are_for_the_configured_origins_only(path: str) -> None:
    _, answer = await _preflight(path)

    assert "access-control-allow-origin" not in answer


def test_the_answers_too_may_be_shown_to_the_page(acme: Tenant, shown: Bot) -> None:
    refused, let_in = _arrive(acme, shown, origin=OTHER_PAGE), _arrive(acme, shown)

    assert refused["Access-Control-Allow-Origin"] == OTHER_PAGE
    assert let_in["Access-Control-Allow-Origin"] == PAGE
    assert "origin" in let_in["Vary"].lower()
    assert datetime.fromisoformat(let_in.json()["expires_at"]) > timezone.now()
