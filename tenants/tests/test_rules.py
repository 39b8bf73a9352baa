"""Tests of the rules on every route: limits, entity tags, and creates that are carried out once."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.urls import path
from django.utils import timezone
from rest_framework.parsers import JSONParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.api import preconditions
from chatcms.core.exceptions import ConflictError
from chatcms.urls import urlpatterns as product_patterns
from tenants.api_base import PlatformAPIView, PublicAPIView, TenantAPIView
from tenants.enums import Role
from tenants.models import ApiKey, AuditEvent, IdempotentRequest, Membership, Plan, Tenant
from tenants.permissions import Capability
from tenants.services import idempotency, lifecycle, limits
from tenants.tests import factories
from tenants.tests.factories import bearer
from tenants.types import SYSTEM

KEYS = "/v1/tenant/api-keys"
DONE: list[str] = []


class ThingView(TenantAPIView):
    """One API key, as a thing that is read and renamed."""

    strict = False  # a view of tests declares no bodies
    capabilities = {"GET": Capability.SELF, "PATCH": Capability.SELF}

    def get(self, request: Request, key_id: uuid.UUID) -> Response:
        key = ApiKey.objects.get(pk=key_id)
        return self.tagged(key, {"name": key.name})

    def patch(self, request: Request, key_id: uuid.UUID) -> Response:
        key = ApiKey.objects.get(pk=key_id)
        with self.unchanged(key):
            asked: Any = request.data
            key.name = asked["name"]
            key.save(update_fields=["name", "updated_at"])
        return self.tagged(key, {"name": key.name})


class ThingsView(TenantAPIView):
    """Makes something, and fails when told to."""

    strict = False  # a view of tests declares no bodies
    capabilities = {"POST": Capability.SELF}
    parser_classes = (JSONParser, MultiPartParser)

    def post(self, request: Request) -> Response:
        plan = Plan.objects.create(code=uuid.uuid4().hex[:20], name="made")
        transaction.on_commit(lambda: DONE.append("committed"))
        asked: Any = request.data
        if asked.get("fail") == "raise":
            raise ConflictError
        if asked.get("fail") == "answer":
            return Response({"code": "odd"}, status=409)
        return Response(
            {"id": plan.pk, "secret": "süß"}, status=201, headers={"Location": f"/x/{plan.pk}", "ETag": '"1"'}
        )


class OpenView(PublicAPIView):
    """Open to everybody."""

    def get(self, request: Request) -> Response:
        return Response({"address": self.address})


class StaffView(PlatformAPIView):
    """For the platform's staff."""

    def get(self, request: Request) -> Response:
        return Response({})


urlpatterns = [
    *product_patterns,
    path("v1/things", ThingsView.as_view()),
    path("v1/things/<uuid:key_id>", ThingView.as_view()),
    path("v1/open", OpenView.as_view()),
    path("v1/staff", StaffView.as_view()),
]

pytestmark = pytest.mark.urls(__name__)


@pytest.fixture(autouse=True)
def nothing_done() -> Iterator[None]:
    DONE.clear()
    yield


@pytest.fixture
def thing(acme: Tenant) -> str:
    return f"/v1/things/{factories.make_api_key(acme)[0].pk}"


def _post(client: Client, token: str, key: str | None = "abc", body: Any = None, url: str = "/v1/things") -> Any:
    headers = {**bearer(token), **({"Idempotency-Key": key} if key is not None else {})}
    return client.post(url, body or {}, content_type="application/json", headers=headers)


# --- what has been seen ----------------------------------------------------------------------------------


def _patch(client: Client, token: str, url: str, if_match: str | None) -> Any:
    headers = {**bearer(token), **({"If-Match": if_match} if if_match is not None else {})}
    return client.patch(url, {"name": "new"}, content_type="application/json", headers=headers)


def test_a_thing_has_a_strong_tag_that_stays_until_it_changes(client: Client, access_token: str, thing: str) -> None:
    before = client.get(thing, headers=bearer(access_token)).headers["ETag"]
    again = client.get(thing, headers=bearer(access_token)).headers["ETag"]
    changed = _patch(client, access_token, thing, None).headers["ETag"]
    after = client.get(thing, headers=bearer(access_token)).headers["ETag"]

    assert before.startswith('"')
    assert before == again != changed == after


def test_what_the_reader_has_already_is_not_sent_again(client: Client, access_token: str, thing: str) -> None:
    etag = client.get(thing, headers=bearer(access_token)).headers["ETag"]

    for known in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        answer = client.get(thing, headers={**bearer(access_token), "If-None-Match": known})
        assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", etag)
    assert client.get(thing, headers={**bearer(access_token), "If-None-Match": '"other"'}).status_code == 200


@pytest.mark.parametrize(
    ("shape", "status"),
    [
        ("{etag}", 200),
        ('"other", {etag}', 200),
        ("*", 200),
        (None, 200),
        ("W/{etag}", 412),
        ('"other"', 412),
        ("rubbish", 412),
        ("", 412),
    ],
)
def test_a_change_is_made_to_what_the_caller_has_seen_or_not_at_all(
    client: Client, access_token: str, thing: str, shape: str | None, status: int
) -> None:
    etag = client.get(thing, headers=bearer(access_token)).headers["ETag"]

    answer = _patch(client, access_token, thing, shape and shape.format(etag=etag))

    assert answer.status_code == status
    changed = client.get(thing, headers=bearer(access_token)).json()["name"] == "new"
    assert changed is (status == 200)
    if status == 412:
        assert answer.json()["code"] == "precondition_failed"


def test_of_two_who_saw_the_same_the_second_is_told(client: Client, access_token: str, thing: str) -> None:
    etag = client.get(thing, headers=bearer(access_token)).headers["ETag"]

    assert [_patch(client, access_token, thing, etag).status_code for _ in range(2)] == [200, 412]


def test_a_row_without_a_time_is_told_apart_by_its_values(acme: Tenant) -> None:
    row = IdempotentRequest(key_hash="a", fingerprint="b", status=200)
    before = preconditions.version_of(row)
    row.status = 201

    assert preconditions.version_of(row) != before


# --- creating once ---------------------------------------------------------------------------------------


def test_the_same_request_again_gets_the_same_answer_and_does_nothing(client: Client, access_token: str) -> None:
    first = _post(client, access_token, body={"a": 1, "b": 2})
    again = _post(client, access_token, body={"b": 2, "a": 1})

    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    for name in ("Content-Type", "Location", "ETag"):
        assert first.headers[name] == again.headers[name]
    assert (first.headers.get("Idempotency-Replayed"), again.headers["Idempotency-Replayed"]) == (None, "true")
    assert again.headers["RateLimit"]
    assert Plan.objects.count() == 1


def test_without_a_key_each_request_counts(client: Client, access_token: str) -> None:
    assert [_post(client, access_token, None).status_code for _ in range(2)] == [201, 201]
    assert Plan.objects.count() == 2


@pytest.mark.parametrize("other", [{"body": {"a": 2}}, {"url": "/v1/things?x=1"}])
def test_a_key_is_good_for_one_request_only(client: Client, access_token: str, other: dict[str, Any]) -> None:
    _post(client, access_token, body={"a": 1})

    answer = _post(client, access_token, **{"body": {"a": 1}, **other})

    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Plan.objects.count() == 1


def test_callers_have_keys_of_their_own(client: Client, access_token: str, acme: Tenant, globex: Tenant) -> None:
    others = [factories.make_member(tenant, "eve@x.example", role=Role.ADMIN) for tenant in (acme, globex)]
    tokens = [access_token, *(factories.make_token_pair(other).access for other in others)]

    assert {_post(client, token).status_code for token in tokens} == {201}
    assert Plan.objects.count() == 3


@pytest.mark.parametrize("fail", ["raise", "answer"])
def test_what_failed_is_undone_and_may_be_tried_again(client: Client, access_token: str, fail: str) -> None:
    answers = [_post(client, access_token, body={"fail": fail}) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [409, 409]
    assert "Idempotency-Replayed" not in answers[1].headers
    assert (Plan.objects.count(), IdempotentRequest.objects.count()) == (0, 0)


def test_what_was_to_be_done_after_the_commit_is_done(
    client: Client, access_token: str, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        _post(client, access_token)
        _post(client, access_token)

    assert DONE == ["committed"]


@pytest.mark.parametrize("key", ["", "a b", "ä", "x" * 257, "tab\tbed"])
def test_a_key_that_cannot_be_one_is_refused(client: Client, access_token: str, key: str) -> None:
    answer = _post(client, access_token, key)

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_idempotency_key")


def test_files_count_by_their_content(client: Client, access_token: str) -> None:
    def send(content: bytes, name: str = "a.txt") -> Any:
        headers = {**bearer(access_token), "Idempotency-Key": "file"}
        return client.post("/v1/things", {"title": "x", "file": SimpleUploadedFile(name, content)}, headers=headers)

    assert send(b"one").status_code == 201
    assert send(b"one").headers["Idempotency-Replayed"] == "true"
    assert send(b"two").status_code == 422
    assert send(b"one", name="b.txt").status_code == 422


def test_text_that_is_no_unicode_is_no_reason_to_fail(client: Client, access_token: str) -> None:
    headers = {**bearer(access_token), "Idempotency-Key": "odd"}
    answers = [
        client.generic("POST", "/v1/things", rb'{"a": "\ud800"}', content_type="application/json", headers=headers)
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [201, 201]


def test_a_secret_that_is_shown_once_is_replayed_but_not_kept_in_the_clear(client: Client, access_token: str) -> None:
    body = {"name": "Website", "scopes": ["chat"]}
    first = _post(client, access_token, body=body, url=KEYS)
    again = _post(client, access_token, body=body, url=KEYS)

    assert first.json()["key"] == again.json()["key"]
    assert ApiKey.objects.filter(name="Website").count() == 1
    assert AuditEvent.objects.filter(action="api_key.create").count() == 1
    assert first.json()["key"] not in IdempotentRequest.objects.get().body


def test_answers_are_forgotten_after_a_day(client: Client, access_token: str) -> None:
    _post(client, access_token)
    IdempotentRequest.objects.update(created_at=timezone.now() - timedelta(hours=23))
    assert _post(client, access_token).headers["Idempotency-Replayed"]
    assert idempotency.forget_expired() == 0
    IdempotentRequest.objects.update(created_at=timezone.now() - timedelta(hours=25))

    assert "Idempotency-Replayed" not in _post(client, access_token).headers
    IdempotentRequest.objects.update(created_at=timezone.now() - timedelta(hours=25))
    assert idempotency.forget_expired() == 1


@pytest.mark.django_db(transaction=True)
def test_a_dropped_tenant_leaves_no_answers_behind() -> None:
    tenant = factories.make_tenant("passing")
    client, token = Client(), factories.make_token_pair(factories.make_member(tenant)).access
    assert _post(client, token, body={"name": "Website", "scopes": ["chat"]}, url=KEYS).status_code == 201
    assert IdempotentRequest.objects.count() == 1

    lifecycle.request_deletion(by=SYSTEM, tenant=tenant, grace=timedelta(0))
    lifecycle.drop_due()

    assert IdempotentRequest.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_while_a_request_is_carried_out_the_same_one_is_told_to_wait() -> None:
    import threading

    member = factories.make_member(Tenant.objects.get(slug="acme"))
    token = factories.make_token_pair(member).access
    asked = idempotency.asked(
        by=factories.actor_of(member),
        tenant_id=member.tenant_id,
        key="abc",
        route="POST v1/things",
        address=("/v1/things", ""),
        data={},
    )
    held, over = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            idempotency.earlier_reply(asked)
            held.set()
            over.wait(20)
        connection.close()

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(20)
    busy = _post(Client(), token)
    over.set()
    holder.join()

    assert (busy.status_code, busy.json()["code"], busy.headers["Retry-After"]) == (409, "idempotency_in_flight", "1")
    assert _post(Client(), token).status_code == 201


# --- limits ----------------------------------------------------------------------------------------------


def _limit(settings: Any, **given: tuple[int, int] | None) -> None:
    settings.RATE_LIMITS = {**dict.fromkeys(settings.RATE_LIMITS), **given}


def test_every_answer_says_what_is_left(client: Client, access_token: str, api_key: str, db: None) -> None:
    for headers, names in ((bearer(access_token), '"user"'), (bearer(api_key), '"key"'), ({}, '"ip"')):
        answer = client.get(KEYS, headers=headers)
        assert names in answer.headers["RateLimit-Policy"]
        assert names in answer.headers["RateLimit"]
    assert client.get("/v1/open").headers["RateLimit"].startswith('"ip";r=')


def test_who_is_too_fast_gets_a_problem_and_the_time_to_wait(client: Client, api_key: str, settings: Any) -> None:
    _limit(settings, caller=(3, 60))

    answers = [client.get(KEYS, headers=bearer(api_key)) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[3].json()["code"] == "rate_limited"
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 20
    assert answers[3].headers["RateLimit"].startswith('"key";r=0')


def test_a_tenant_is_limited_whoever_asks_and_another_is_not(
    client: Client, acme: Tenant, globex_api_key: str, settings: Any
) -> None:
    _limit(settings, tenant=(3, 60))
    keys = [factories.make_api_key(acme)[1] for _ in range(4)]

    assert [client.get(KEYS, headers=bearer(key)).status_code for key in keys] == [200, 200, 200, 429]
    assert client.get(KEYS, headers=bearer(globex_api_key)).status_code == 200


def test_a_plan_may_give_its_tenants_another_limit(client: Client, acme: Tenant, api_key: str, settings: Any) -> None:
    _limit(settings, tenant=(100, 60))
    acme.plan = Plan.objects.create(code="small", name="Small", requests_per_minute=2)
    acme.save()

    answers = [client.get(KEYS, headers=bearer(api_key)) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert '"tenant";q=2;w=60' in answers[0].headers["RateLimit-Policy"]
    limits.forget_plans()


def test_wrong_credentials_count_for_the_address(client: Client, settings: Any, db: None) -> None:
    _limit(settings, ip=(2, 60))

    answers = [client.get(KEYS, headers=bearer("cms_live_guess")).status_code for _ in range(3)]

    assert answers == [401, 401, 429]
    assert client.get("/v1/open").status_code == 429
    assert client.get("/v1/open", REMOTE_ADDR="192.0.2.77").status_code == 200


def test_a_header_does_not_change_the_address(client: Client, settings: Any, db: None) -> None:
    _limit(settings, ip=(1, 60))

    answers = [client.get("/v1/open", headers={"X-Forwarded-For": f"192.0.2.{n}"}).status_code for n in range(3)]

    assert answers == [200, 429, 429]


def test_without_limits_there_are_no_headers(client: Client, api_key: str, settings: Any) -> None:
    _limit(settings)

    assert "RateLimit" not in client.get(KEYS, headers=bearer(api_key)).headers


# --- the platform ----------------------------------------------------------------------------------------


def test_the_platforms_views_are_shut_to_every_tenant(client: Client, owner: Membership, api_key: str) -> None:
    assert StaffView.capabilities == {"GET": Capability.PLATFORM}
    assert client.get("/v1/staff").status_code == 401
    for credential in (api_key, factories.make_token_pair(owner).access):
        assert client.get("/v1/staff", headers=bearer(credential)).status_code == 403
