"""Who is let into the platform's admin, by which door, and at which host."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable
from io import StringIO
from typing import Any, cast

import pytest
from django.core.management import CommandError, call_command
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.test import Client, RequestFactory
from django.utils import timezone

from chatcms.core.http.adminhost import AdminHostMiddleware, admin_url
from tenants.models import Membership, SecondFactor, Tenant, UsageDay, User
from tenants.services import attempts
from tenants.tests import factories

HTML = {"Accept": "text/html"}
FACTORS = "/account/second-factors/"


@pytest.fixture
def root(db: None) -> User:
    """A member of the platform's staff who may do everything."""
    return User.objects.create_superuser("root@platform.example", factories.PASSWORD)


def give_password(client: Client, user: User, password: str = factories.PASSWORD) -> Any:
    asked = {"email": user.email.upper(), "password": password, "next": "/admin/"}
    return client.post("/sign-in/", asked)


# --- signing in ------------------------------------------------------------------------------------------


def test_staff_sign_in_at_the_one_sign_in_page_and_come_back(client: Client, root: User) -> None:
    led = client.get("/admin/tenants/tenant/", follow=True)
    assert led.redirect_chain[-1][0] == "/sign-in/?next=/admin/tenants/tenant/"
    assert give_password(client, root).headers["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_staff_with_a_second_factor_are_asked_for_it(client: Client, root: User) -> None:
    app = factories.add_app(root)
    step = give_password(client, root).headers["Location"]
    assert step == "/sign-in/second-step/?next=%2Fadmin%2F"
    assert client.get("/admin/").status_code == 302
    assert client.post(step, {"code": app.now(), "next": "/admin/"}).headers["Location"] == "/admin/"
    assert client.get("/admin/").status_code == 200


def test_a_member_of_a_tenant_is_told_and_not_sent_in_circles(client: Client, owner: Membership) -> None:
    client.force_login(owner.user)
    refused = client.get("/admin/", follow=True)
    assert refused.status_code == 403
    assert "This is for the platform&#x27;s staff" in refused.content.decode()


def test_the_sign_in_of_staff_is_slowed_down_too(client: Client, root: User) -> None:
    for _ in range(attempts.PER_PERSON_AND_PLACE):
        give_password(client, root, "wrong")
    refused = give_password(client, root)
    assert refused.status_code == 422
    assert "too many attempts" in refused.content.decode()


def test_no_way_leads_anywhere_else(client: Client, root: User) -> None:
    client.force_login(root)
    assert client.get("/admin/login/?next=https://evil.example/").headers["Location"] == "/admin/"


def test_signing_out_of_the_admin_signs_out_everywhere(client: Client, root: User) -> None:
    client.force_login(root)
    client.post("/admin/logout/")
    assert "_auth_user_id" not in client.session


def test_the_password_is_changed_on_the_account_page(client: Client, root: User) -> None:
    client.force_login(root)
    assert client.get("/admin/password_change/").headers["Location"] == "/account/password/"


# --- the second factor -----------------------------------------------------------------------------------


def test_staff_without_one_are_led_to_adding_it_and_in_then(client: Client, root: User, settings: Any) -> None:
    settings.REQUIRE_STAFF_SECOND_FACTOR = True
    client.force_login(root)
    led = client.get("/admin/", follow=True, headers=HTML)
    assert led.redirect_chain[-1][0] == f"{FACTORS}?next=%2Fadmin%2F"
    assert "The platform asks you for a second factor" in led.content.decode()
    assert client.get("/admin/tenants/tenant/").status_code == 302
    factories.add_app(root)
    client.force_login(root)
    assert client.get("/admin/").status_code == 200


def test_who_lost_it_is_let_in_again_by_the_operator(client: Client, root: User) -> None:
    factories.add_app(root)
    out = StringIO()
    call_command("reset_second_factor", email="Root@platform.example", stdout=out)
    assert "1 second factors of root@platform.example are taken away" in out.getvalue()
    assert not SecondFactor.objects.exists()
    assert give_password(client, root).headers["Location"] == "/admin/"
    with pytest.raises(CommandError, match="Nobody has an account"):
        call_command("reset_second_factor", email="nobody@platform.example")


# --- a host of its own -----------------------------------------------------------------------------------

ADMIN, OTHER = "admin.chat.example", "chat.example"


@pytest.fixture
def apart(settings: Any) -> None:
    settings.ADMIN_HOST = ADMIN
    settings.ALLOWED_HOSTS = [ADMIN, OTHER]
    settings.PUBLIC_URL = f"https://{OTHER}"


PATHS = [
    ("/admin/", ADMIN), ("/admin/tenants/tenant/", ADMIN), ("/v1/admin/tenants", ADMIN),
    ("/t/acme/", OTHER), ("/v1/tenant/bots", OTHER), ("/v1/chat/bots", OTHER), ("/v1/docs", OTHER),
    ("/sign-in/", "both"), ("/account/second-factors/", "both"), ("/v1/auth/me", "both"),
]  # fmt: skip


@pytest.mark.usefixtures("apart")
@pytest.mark.parametrize(("path", "host"), PATHS)
def test_the_admin_answers_at_its_host_alone_and_nothing_else_there(
    client: Client, db: None, path: str, host: str
) -> None:
    for asked in (ADMIN, OTHER):
        response = client.get(path, headers={"Host": asked})
        assert (response.status_code != 404) == (host in {asked, "both"}), asked


@pytest.mark.usefixtures("apart")
def test_the_start_page_of_the_admins_host_is_the_admin(client: Client, db: None) -> None:
    assert client.get("/", headers={"Host": ADMIN}).headers["Location"] == "/admin/"
    assert client.get("/", headers={"Host": OTHER}).headers["Location"] == "/sign-in/?next=/"
    assert admin_url() == f"https://{ADMIN}/admin/"


@pytest.mark.usefixtures("apart")
def test_it_is_so_where_requests_are_answered_asynchronously_too() -> None:
    async def answer(request: HttpRequest) -> HttpResponseBase:
        return HttpResponse("here")

    async def ask(host: str) -> HttpResponseBase:
        asked = RequestFactory().get("/v1/docs", headers={"Host": host})
        return await cast(Awaitable[HttpResponseBase], AdminHostMiddleware(answer)(asked))

    assert asyncio.run(ask(OTHER)).status_code == 200
    with pytest.raises(Http404):
        asyncio.run(ask(ADMIN))


def test_without_the_setting_the_admin_is_everywhere(client: Client, root: User) -> None:
    client.force_login(root)
    assert client.get("/admin/").status_code == 200
    assert admin_url() == "/admin/"


# --- usage -----------------------------------------------------------------------------------------------


def test_usage_is_shown_across_tenants_and_of_one(client: Client, root: User, acme: Tenant, globex: Tenant) -> None:
    day: dict[str, Any] = {"day": timezone.now().date(), "bot_id": uuid.uuid4(), "prompt_tokens": 7}
    day |= {"cache_read_tokens": 5, "cache_write_tokens": None, "reasoning_tokens": 2}
    for tenant, messages in ((acme, 120), (globex, 30)):
        UsageDay.objects.create(tenant=tenant, messages=messages, model="m-1", completion_tokens=3, cost=1, **day)
    client.force_login(root)
    page = client.get("/admin/usage/").content.decode()
    assert "<strong>150</strong>" in page
    assert page.count("<svg") >= 2
    assert "Of these from the cache<strong>10</strong>" in page
    assert "<td>14</td><td>10</td><td>0</td><td>6</td><td>4</td>" in page
    assert "Globex" in page
    one = client.get("/admin/usage/", {"tenant": str(acme.pk)}).content.decode()
    assert "<strong>120</strong>" in one
    wrong = client.get("/admin/usage/", {"since": "2026-02-01", "until": "2026-01-01"})
    assert wrong.status_code == 422
    links = client.get(f"/admin/tenants/tenant/{acme.pk}/change/").content.decode()
    for way in (
        "/admin/usage/?tenant=",
        "/admin/jobs/job/?tenant__id__exact=",
        "/admin/tenants/accessgrant/add/?tenant=",
    ):
        assert way in links
    for name in ("/admin/jobs/job/?tenant__id__exact=", "/admin/tenants/auditevent/?tenant_id="):
        assert client.get(f"{name}{acme.pk}").status_code == 200


def test_usage_is_for_staff_who_may_see_tenants(client: Client, db: None) -> None:
    client.force_login(factories.make_user("clerk@platform.example", is_staff=True))
    assert client.get("/admin/usage/").status_code == 403
