"""The pages of second factors, of the second step, and of where one is signed in."""

from __future__ import annotations

import html
import re
import time
from typing import Any

import pyotp
import pytest
from django.test import Client

from chatcms.core.text.useragents import names_in
from tenants.models import AuditEvent, BrowserSession, Membership, RecoveryCode, SecondFactor, Tenant, TenantSettings
from tenants.pages import door
from tenants.selectors import factors_of
from tenants.services.factors import recovery
from tenants.tests import factories
from tenants.tests.authenticator import Device

HTML = {"Accept": "text/html"}
HOST = "localhost:8000"
FACTORS = "/account/second-factors/"
CODE = re.compile(r"\b(?:[2-9A-Z]{4}-){3}[2-9A-Z]{4}\b")


def password_step(client: Client, owner: Membership, **more: str) -> Any:
    asked = {"email": owner.user.email, "password": factories.PASSWORD, **more}
    return client.post("/sign-in/", asked, headers={"Host": HOST})


def is_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@pytest.fixture
def signed_in(owner: Membership) -> Client:
    client = Client(headers=HTML, HTTP_HOST=HOST)
    password_step(client, owner)
    return client


# --- signing in ------------------------------------------------------------------------------------------


def test_the_password_alone_leads_to_the_second_step_and_nowhere_else(owner: Membership) -> None:
    app = factories.add_app(owner.user)
    client = Client(headers=HTML)

    first = password_step(client, owner, next="/t/acme/")

    assert first.headers["Location"] == "/sign-in/second-step/?next=%2Ft%2Facme%2F"
    assert not is_in(client)
    assert client.get("/t/acme/").headers["Location"].startswith("/sign-in/")
    assert client.get(FACTORS).headers["Location"].startswith("/sign-in/")
    page = client.get("/sign-in/second-step/?next=/t/acme/").content.decode()
    assert owner.user.email in page
    assert "one-time-code" in page

    second = client.post("/sign-in/second-step/", {"code": app.now(), "next": "/t/acme/"})

    assert second.headers["Location"] == "/t/acme/"
    assert client.get("/t/acme/").status_code == 200


def test_a_wrong_code_is_explained_and_the_step_stays(owner: Membership) -> None:
    app = factories.add_app(owner.user)
    client = Client(headers=HTML)
    password_step(client, owner)
    refused = client.post("/sign-in/second-step/", {"code": "000000"})
    assert refused.status_code == 422
    assert "This code is not right" in refused.content.decode()
    assert client.post("/sign-in/second-step/", {"code": ""}).status_code == 422
    assert not is_in(client)
    client.post("/sign-in/second-step/", {"code": app.now()})
    assert is_in(client)


def test_a_recovery_code_signs_in(owner: Membership) -> None:
    factories.add_app(owner.user)
    code = recovery.replace(by=factories.actor_of(owner), user=owner.user)[0]
    client = Client(headers=HTML)
    password_step(client, owner)
    assert "Recovery code" in client.get("/sign-in/second-step/?recovery").content.decode()
    client.post("/sign-in/second-step/?recovery", {"code": code})
    assert is_in(client)


def test_the_second_step_ends_with_time_a_new_password_or_without_the_first(
    owner: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = factories.add_app(owner.user)
    stranger = Client(headers=HTML)
    assert stranger.post("/sign-in/second-step/", {"code": app.now()}).headers["Location"] == "/sign-in/"
    late, changed = Client(headers=HTML), Client(headers=HTML)
    for client in (late, changed):
        password_step(client, owner)
    later = time.time() + door.SECOND_STEP_SECONDS + 1
    with monkeypatch.context() as patch:
        patch.setattr(door.time, "time", lambda: later)  # type: ignore[attr-defined]
        assert late.post("/sign-in/second-step/", {"code": app.now()}).headers["Location"] == "/sign-in/"
    owner.user.set_password("another long password")
    owner.user.save()
    assert changed.post("/sign-in/second-step/", {"code": app.now()}).headers["Location"] == "/sign-in/"


def test_signing_in_changes_the_sessions_key(owner: Membership) -> None:
    app = factories.add_app(owner.user)
    client = Client(headers=HTML)
    password_step(client, owner)
    before = client.session.session_key
    client.post("/sign-in/second-step/", {"code": app.now()})
    assert client.session.session_key != before


def test_what_was_being_sent_when_a_sign_in_ran_out_survives_both_steps(owner: Membership) -> None:
    app = factories.add_app(owner.user)
    client = Client(headers=HTML)
    page = client.post("/account/", {"name": "Ada"}).content.decode()
    found = re.search(r'name="resume" value="([^"]+)"', page)
    assert found
    password_step(client, owner, resume=html.unescape(found[1]))
    done = client.post("/sign-in/second-step/", {"code": app.now()})
    assert "Ada" in client.get(done.headers["Location"]).content.decode()


def test_a_passkey_takes_the_second_step_or_the_whole_way(owner: Membership) -> None:
    client, device = Client(headers=HTML, HTTP_HOST=HOST), Device(origin=f"http://{HOST}")
    password_step(client, owner)
    made = device.create(client.get(f"{FACTORS}passkey/options/").content.decode())
    client.post(f"{FACTORS}passkey/", {"response": made, "name": "Laptop"})
    assert factors_of(owner.user).get().name == "Laptop"

    second = Client(headers=HTML, HTTP_HOST=HOST)
    password_step(second, owner)
    signed = device.get(second.get("/sign-in/passkey/options/?second").content.decode())
    second.post("/sign-in/second-step/", {"response": signed})
    assert is_in(second)

    alone = Client(headers=HTML, HTTP_HOST=HOST)
    signed = device.get(alone.get("/sign-in/passkey/options/").content.decode())
    done = alone.post("/sign-in/passkey/", {"response": signed, "next": "/t/acme/"})
    assert done.headers["Location"] == "/t/acme/"
    assert is_in(alone)

    again = Client(headers=HTML, HTTP_HOST=HOST)
    refused = again.post("/sign-in/passkey/", {"response": signed}, follow=True)
    assert "This took too long" in refused.content.decode()
    assert not is_in(again)


def test_there_are_no_passkeys_on_another_host(owner: Membership) -> None:
    client = Client(headers=HTML)  # testserver
    client.force_login(owner.user)
    assert "Add a passkey" not in client.get(FACTORS).content.decode()


# --- adding, naming, removing ----------------------------------------------------------------------------


def test_an_app_is_added_by_its_first_code_and_recovery_codes_are_shown_once(
    signed_in: Client, owner: Membership
) -> None:
    page = signed_in.get(f"{FACTORS}app/").content.decode()
    found = re.search(r'id="secret">([A-Z2-7 ]+)<', page)
    assert found
    assert "<svg" in page
    wrong = signed_in.post(f"{FACTORS}app/", {"code": "000000", "name": "Phone"})
    assert wrong.status_code == 422
    assert found[1] in wrong.content.decode()

    code = pyotp.TOTP(found[1].replace(" ", "")).now()
    shown = signed_in.post(f"{FACTORS}app/", {"code": code, "name": "Phone", "next": "/t/acme/"})

    assert len(CODE.findall(shown.content.decode())) == 10
    assert 'href="/t/acme/"' in shown.content.decode()
    assert "no-cache" in shown.headers["Cache-Control"]
    listed = signed_in.get(FACTORS).content.decode()
    assert "Phone" in listed
    assert "10 of 10 left" in listed
    assert not CODE.findall(listed)


def test_with_the_first_factor_every_other_sign_in_ends(signed_in: Client, owner: Membership) -> None:
    elsewhere, pair = Client(), factories.make_token_pair(owner)
    elsewhere.force_login(owner.user)
    page = signed_in.get(f"{FACTORS}app/").content.decode()
    found = re.search(r'id="secret">([A-Z2-7 ]+)<', page)
    assert found
    signed_in.post(f"{FACTORS}app/", {"code": pyotp.TOTP(found[1].replace(" ", "")).now()})
    assert signed_in.get(FACTORS).status_code == 200
    assert elsewhere.get("/account/", headers=HTML).status_code == 302
    assert Client().get("/v1/auth/me", headers=factories.bearer(pair.access)).status_code == 401


def test_names_codes_and_removal(signed_in: Client, owner: Membership) -> None:
    factories.add_app(owner.user)
    password_again(signed_in, owner)
    factor = factors_of(owner.user).get()
    signed_in.post(f"{FACTORS}{factor.pk}/", {"name": "Tablet"})
    assert "Tablet" in signed_in.get(FACTORS).content.decode()
    old = set(RecoveryCode.objects.values_list("pk", flat=True))
    assert len(CODE.findall(signed_in.post(f"{FACTORS}recovery-codes/").content.decode())) == 10
    assert not old & set(RecoveryCode.objects.values_list("pk", flat=True))
    signed_in.post(f"{FACTORS}{factor.pk}/remove/")
    assert not SecondFactor.objects.exists()


def password_again(client: Client, owner: Membership) -> None:
    """Sign in anew after the first factor has ended the sign-ins."""
    client.force_login(owner.user)
    client.post("/account/prove/", {"password": factories.PASSWORD})


def test_another_persons_factor_is_unknown(signed_in: Client, owner: Membership) -> None:
    other = factories.make_user("other@acme.example")
    factories.add_app(other)
    theirs = factors_of(other).get().pk
    assert signed_in.get(f"{FACTORS}{theirs}/").status_code == 404
    assert signed_in.post(f"{FACTORS}{theirs}/remove/").status_code == 404
    assert factors_of(other).exists()


def test_what_changes_the_sign_in_asks_for_the_password_again_after_a_while(
    owner: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = Client(headers=HTML)
    client.force_login(owner.user)
    asked = client.get(f"{FACTORS}app/?next=/t/acme/")
    assert asked.headers["Location"].startswith("/account/prove/?next=")
    for url in (f"{FACTORS}recovery-codes/", f"{FACTORS}01a00000-0000-7000-8000-000000000000/remove/"):
        assert client.post(url).headers["Location"].startswith("/account/prove/")
    wrong = client.post("/account/prove/", {"password": "wrong"})
    assert wrong.status_code == 422
    assert "password is wrong" in wrong.content.decode()
    right = client.post(asked.headers["Location"], {"password": factories.PASSWORD})
    assert right.headers["Location"] == f"{FACTORS}app/?next=/t/acme/"
    assert client.get(f"{FACTORS}app/").status_code == 200


def test_the_last_factor_stays_where_it_is_asked_for(signed_in: Client, owner: Membership, acme: Tenant) -> None:
    factories.add_app(owner.user)
    password_again(signed_in, owner)
    TenantSettings.objects.create(tenant=acme, require_second_factor=True)
    refused = signed_in.post(f"{FACTORS}{factors_of(owner.user).get().pk}/remove/")
    assert refused.status_code == 409
    assert "Acme asks you for a second factor" in refused.content.decode()


# --- where one is asked for ------------------------------------------------------------------------------


def test_a_tenant_that_asks_for_one_leads_to_where_it_is_added_and_back(
    signed_in: Client, owner: Membership, acme: Tenant
) -> None:
    TenantSettings.objects.create(tenant=acme, require_second_factor=True)
    led = signed_in.get("/t/acme/settings/")
    assert led.headers["Location"] == f"{FACTORS}?next=%2Ft%2Facme%2Fsettings%2F"
    page = signed_in.get(led.headers["Location"]).content.decode()
    assert "Acme asks you for a second factor" in page
    assert "/account/second-factors/app/?next=/t/acme/settings/" in page
    assert signed_in.get("/t/acme/settings/", headers={"HX-Request": "true"}).headers["HX-Redirect"].startswith(FACTORS)
    as_json = signed_in.get("/t/acme/settings/", headers={"Accept": "application/json"})
    assert (as_json.status_code, as_json.json()["code"]) == (403, "second_factor_demanded")


# --- where one is signed in ------------------------------------------------------------------------------

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0"


def test_browsers_and_programs_are_listed_without_what_would_sign_in(owner: Membership) -> None:
    here = Client(headers={**HTML, "User-Agent": FIREFOX}, REMOTE_ADDR="192.0.2.7")
    there = Client(headers={**HTML, "User-Agent": EDGE}, REMOTE_ADDR="198.51.100.9")
    for client in (here, there):
        password_step(client, owner)
    factories.make_token_pair(owner)
    page = here.get("/account/sign-ins/").content.decode()
    for words in ("Firefox on Linux", "192.0.2.7", "This browser", "Edge on Windows", "198.51.100.9", "in Acme"):
        assert words in page
    assert not [key for key in BrowserSession.objects.values_list("session_key", flat=True) if key in page]


def test_one_sign_in_is_ended_and_no_other(owner: Membership, globex_owner: Membership) -> None:
    here, there, theirs = Client(headers=HTML), Client(headers=HTML), Client(headers=HTML)
    for client, who in ((here, owner), (there, owner), (theirs, globex_owner)):
        password_step(client, who)
    page = here.get("/account/sign-ins/").content.decode()
    (ref,) = re.findall(r'name="ref" value="([0-9a-f]+)"', page)
    assert theirs.post("/account/sign-ins/end/", {"ref": ref}).status_code == 404
    here.post("/account/sign-ins/end/", {"ref": ref})
    assert there.get("/account/").status_code == 302
    assert here.get("/account/").status_code == 200
    assert here.post("/account/sign-ins/end/", {"ref": "nonsense"}).status_code == 404
    assert AuditEvent.objects.filter(action="user.end_sign_in").count() == 1


def test_a_program_is_signed_out_by_itself(signed_in: Client, owner: Membership) -> None:
    pair = factories.make_token_pair(owner)
    page = signed_in.get("/account/sign-ins/").content.decode()
    (ref,) = re.findall(r'name="ref" value="([0-9a-f-]{36})"', page)
    signed_in.post("/account/sign-ins/end/", {"ref": ref})
    assert Client().get("/v1/auth/me", headers=factories.bearer(pair.access)).status_code == 401


def test_everything_else_is_signed_out_at_once(signed_in: Client, owner: Membership) -> None:
    there, pair = Client(headers=HTML), factories.make_token_pair(owner)
    password_step(there, owner)
    signed_in.post("/account/sign-ins/end-others/")
    assert signed_in.get("/account/").status_code == 200
    assert there.get("/account/").status_code == 302
    assert Client().get("/v1/auth/me", headers=factories.bearer(pair.access)).status_code == 401


def test_a_session_says_whose_it_is_and_when_it_was_seen(owner: Membership, monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(headers=HTML)
    password_step(client, owner)
    row = BrowserSession.objects.get()
    assert row.user == owner.user
    assert row.signed_in_at is not None
    now = time.time() + door.SEEN_EVERY_SECONDS + 5
    monkeypatch.setattr(door.time, "time", lambda: now)  # type: ignore[attr-defined]
    client.get("/t/acme/")
    seen = BrowserSession.objects.get().seen_at
    assert row.seen_at is not None
    assert seen is not None
    assert seen > row.seen_at


@pytest.mark.parametrize(
    ("agent", "names"),
    [
        (FIREFOX, ("Firefox", "Linux")),
        (EDGE, ("Edge", "Windows")),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1", ("Safari", "iPhone")),
        ("curl/8.5", ("", "")),
        ("", ("", "")),
    ],
)
def test_browsers_are_called_by_their_names(agent: str, names: tuple[str, str]) -> None:
    assert names_in(agent) == names
