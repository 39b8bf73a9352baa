"""Tests of changing passwords, and of choosing a new one by mail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tenants.exceptions import BadResetTokenError, TooManyAttemptsError
from tenants.models import AuditEvent, Membership, User
from tenants.services import attempts, mail, passwords, tokens
from tenants.tests import factories, mails
from tenants.tests.factories import PASSWORD, bearer

JSON = "application/json"
NEW = "another horse battery"
PLACE = "192.0.2.1"


def _post(client: Client, path: str, body: dict[str, Any], who: str = "", **extra: Any) -> Any:
    headers = bearer(who) if who else {}
    return client.post(f"/v1/auth/{path}", body, content_type=JSON, headers=headers, **extra)


def _change(client: Client, who: str, *, present: str = PASSWORD, new: str = NEW) -> Any:
    return _post(client, "password", {"current_password": present, "new_password": new}, who)


# --- one's own -----------------------------------------------------------------------------------------------


def test_a_new_password_ends_every_sign_in_and_begins_one(client: Client, owner: Membership) -> None:
    here, elsewhere = factories.make_token_pair(owner), factories.make_token_pair(owner)
    answer = _change(client, here.access)
    assert answer.status_code == 200, answer.content
    for access in (here.access, elsewhere.access):
        assert client.get("/v1/auth/me", headers=bearer(access)).status_code == 401
    me = client.get("/v1/auth/me", headers=bearer(answer.json()["access"])).json()
    assert (me["label"], me["tenant"]["slug"]) == (owner.user.email, "acme")
    assert factories.make_token_pair(owner, password=NEW)
    line = AuditEvent.objects.get(action="user.set_password")
    assert (line.actor_id, line.target_id) == (owner.user_id, str(owner.user_id))


def test_a_portal_session_ends_with_the_password(client: Client, owner: Membership, access_token: str) -> None:
    browser = Client()
    browser.force_login(owner.user)
    assert browser.get("/t/acme/").status_code == 200
    _change(client, access_token)
    assert browser.get("/t/acme/").status_code == 302


@pytest.mark.parametrize(
    ("present", "new", "code", "pointer"),
    [
        ("wrong", NEW, "wrong_password", "/current_password"),
        (PASSWORD, "short", "weak_password", "/new_password"),
        (PASSWORD, "password1234", "weak_password", "/new_password"),
    ],
)
def test_a_refused_change_says_where_it_is_wrong_and_leaves_all_as_it_was(
    client: Client, access_token: str, present: str, new: str, code: str, pointer: str
) -> None:
    answer = _change(client, access_token, present=present, new=new)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert client.get("/v1/auth/me", headers=bearer(access_token)).status_code == 200


def test_whoever_finds_an_open_session_cannot_guess_the_password(client: Client, access_token: str) -> None:
    for _ in range(attempts.PER_PERSON_AND_PLACE):
        assert _change(client, access_token, present="wrong").status_code == 422
    assert _change(client, access_token).status_code == 429


def test_staff_change_their_password_and_go_on_as_staff(client: Client, db: None) -> None:
    factories.make_user("root@platform.example", is_staff=True, is_superuser=True)
    pair = tokens.issue_to_staff(email="root@platform.example", password=PASSWORD, address=PLACE)
    answer = _change(client, pair.access)
    assert (answer.json()["tenant"], answer.json()["role"]) == (None, None)
    assert client.get("/v1/admin/tenants", headers=bearer(answer.json()["access"])).status_code == 200


def test_an_answer_with_tokens_is_kept_for_nobody(client: Client, access_token: str) -> None:
    body = {"current_password": PASSWORD, "new_password": NEW}
    headers = {**bearer(access_token), "Idempotency-Key": "once"}
    assert client.post("/v1/auth/password", body, content_type=JSON, headers=headers).status_code == 200
    assert client.post("/v1/auth/password", body, content_type=JSON, headers=headers).status_code == 401


# --- by mail -------------------------------------------------------------------------------------------------


def _asked(client: Client, email: str, capture: mails.Capture) -> Any:
    with mails.sent(capture) as found:
        answer = _post(client, "password-reset", {"email": email})
    return answer, found


def test_a_forgotten_password_is_chosen_anew_by_mail(
    client: Client, owner: Membership, django_capture_on_commit_callbacks: mails.Capture
) -> None:
    before = factories.make_token_pair(owner)
    answer, (message,) = _asked(client, "Owner@Acme.example", django_capture_on_commit_callbacks)
    assert (answer.status_code, answer.content) == (202, b"")
    assert message.to == [owner.user.email]
    token = mails.token_in(message)
    assert f"{settings.PUBLIC_URL}/password-reset/{token}" in message.body
    done = _post(client, "password-reset/confirm", {"token": token, "password": NEW})
    assert (done.status_code, done.content) == (204, b"")
    assert client.get("/v1/auth/me", headers=bearer(before.access)).status_code == 401
    assert factories.make_token_pair(owner, password=NEW)


def test_a_link_is_good_once(client: Client, owner: Membership) -> None:
    token = passwords.reset_token_of(owner.user)
    assert _post(client, "password-reset/confirm", {"token": token, "password": NEW}).status_code == 204
    again = _post(client, "password-reset/confirm", {"token": token, "password": "a third horse battery"})
    assert (again.status_code, again.json()["code"]) == (422, "bad_reset_token")
    assert factories.make_token_pair(owner, password=NEW)


def test_a_link_is_good_for_an_hour(owner: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    later = timezone.now().replace(tzinfo=None) + timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT + 5)
    token = passwords.reset_token_of(owner.user)
    monkeypatch.setattr(passwords.token_generator, "_now", lambda: later)
    with pytest.raises(BadResetTokenError):
        passwords.reset(token=token, password=NEW)


def test_a_link_is_no_good_after_the_next_sign_in(owner: Membership) -> None:
    token = passwords.reset_token_of(owner.user)
    factories.make_token_pair(owner)
    with pytest.raises(BadResetTokenError):
        passwords.reset(token=token, password=NEW)


def test_a_link_is_for_one_person(owner: Membership, globex_owner: Membership) -> None:
    name = passwords.reset_token_of(globex_owner.user).partition(".")[0]
    proof = passwords.reset_token_of(owner.user).partition(".")[2]
    with pytest.raises(BadResetTokenError):
        passwords.reset(token=f"{name}.{proof}", password=NEW)


@pytest.mark.parametrize("token", ["x", ".", "x.y", "AAAA.bbb", "a" * 22 + ".c-d", "é.é"])
def test_what_is_no_link_of_ours_is_refused(client: Client, db: None, token: str) -> None:
    answer = _post(client, "password-reset/confirm", {"token": token, "password": NEW})
    assert (answer.status_code, answer.json()["code"]) == (422, "bad_reset_token")


def test_a_weak_password_does_not_use_the_link_up(client: Client, owner: Membership) -> None:
    token = passwords.reset_token_of(owner.user)
    weak = _post(client, "password-reset/confirm", {"token": token, "password": "short"})
    assert (weak.status_code, weak.json()["code"]) == (422, "weak_password")
    assert _post(client, "password-reset/confirm", {"token": token, "password": NEW}).status_code == 204


def test_nobody_learns_who_has_an_account(
    client: Client,
    owner: Membership,
    django_capture_on_commit_callbacks: mails.Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    composed: list[str] = []
    compose = mail.compose

    def counting(kind: str, **fields: Any) -> EmailMessage:
        composed.append(kind)
        return compose(kind, **fields)

    monkeypatch.setattr(mail, "compose", counting)
    with CaptureQueriesContext(connection) as for_known:
        known, sent = _asked(client, owner.user.email, django_capture_on_commit_callbacks)
    with CaptureQueriesContext(connection) as for_unknown:
        unknown, none = _asked(client, "nobody@acme.example", django_capture_on_commit_callbacks)
    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert known.headers.keys() == unknown.headers.keys()
    assert len(for_known) == len(for_unknown)
    assert composed == ["password_reset"] * 2
    assert (len(sent), len(none)) == (1, 0)


def test_a_deactivated_person_gets_no_mail(
    client: Client, owner: Membership, django_capture_on_commit_callbacks: mails.Capture
) -> None:
    User.objects.filter(pk=owner.user_id).update(is_active=False)
    answer, found = _asked(client, owner.user.email, django_capture_on_commit_callbacks)
    assert (answer.status_code, found) == (202, [])


@pytest.mark.parametrize("email", ["owner@acme.example", "nobody@acme.example"])
def test_a_mailbox_is_not_filled_from_many_places(owner: Membership, email: str) -> None:
    for number in range(attempts.MAILS_PER_PERSON):
        passwords.request_reset(email=email, address=f"192.0.2.{number}")
    with pytest.raises(TooManyAttemptsError):
        passwords.request_reset(email=email, address="198.51.100.1")


def test_asking_for_mails_does_not_lock_the_person_out(client: Client, owner: Membership) -> None:
    for _ in range(attempts.MAILS_PER_PERSON + 1):
        last = _post(client, "password-reset", {"email": owner.user.email})
    assert last.status_code == 429
    assert factories.make_token_pair(owner)
