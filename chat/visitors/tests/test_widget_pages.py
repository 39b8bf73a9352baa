"""The script, the hosted page and the frame as they are served: to whom, for how long, and under which policy."""

from __future__ import annotations

import base64
import gzip
import hashlib
from typing import Any

import pytest
from django.test import Client

from bots.look import Look
from bots.models import Bot
from chat.tests.fixtures import MakeBot
from chat.visitors.tests.visiting import change, public
from chat.visitors.widget.script import widget_script
from tenants.models import Tenant
from tenants.services import lifecycle
from tenants.services.settings import change_settings
from tenants.types import SYSTEM

TOP = {"Sec-Fetch-Dest": "document"}
FRAME = {"Sec-Fetch-Dest": "iframe"}


@pytest.fixture
def bot(acme: Tenant, make_bot: MakeBot) -> Bot:
    return make_bot("echo", description="Knows the <shop>.")


@pytest.fixture
def address(acme: Tenant, bot: Bot) -> str:
    return public(acme, bot)


def policy(response: Any) -> dict[str, str]:
    """The content security policy by directive."""
    parts = (part.strip().partition(" ") for part in response["Content-Security-Policy"].split(";"))
    return {name: value for name, _, value in parts}


# --- the script ---------------------------------------------------------------------------------------------


def test_the_script_is_for_pages_of_any_origin_and_is_asked_about_again_soon(client: Client) -> None:
    response = client.get("/widget/v1.js", headers={"Accept-Encoding": "br, gzip"})

    assert response["Content-Type"] == "text/javascript; charset=utf-8"
    assert (response["Access-Control-Allow-Origin"], response["Cross-Origin-Resource-Policy"]) == ("*", "cross-origin")
    assert response["Cache-Control"].startswith("public, max-age=300")
    assert "Accept-Encoding" in response["Vary"]
    assert "Cookie" not in response["Vary"]
    assert gzip.decompress(response.content) == client.get("/widget/v1.js").content == widget_script().text
    again = client.get("/widget/v1.js", headers={"If-None-Match": response["ETag"]})
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", response["ETag"])


def test_a_version_is_named_by_what_it_holds_and_never_changes(client: Client) -> None:
    script = widget_script()
    response = client.get(f"/widget/v1.{script.digest}.js")

    assert "immutable" in response["Cache-Control"]
    assert script.integrity == "sha384-" + base64.b64encode(hashlib.sha384(response.content).digest()).decode()
    gone = client.get("/widget/v1.0123456789abcdef.js")
    assert gone.status_code == 404
    assert script.digest in gone.content.decode()


def test_the_script_needs_no_query(client: Client, django_assert_num_queries: Any, db: None) -> None:
    with django_assert_num_queries(0):
        client.get("/widget/v1.js")


# --- the hosted page ----------------------------------------------------------------------------------------


def test_a_bot_has_a_page_only_when_its_owner_says_so(client: Client, acme: Tenant, address: str) -> None:
    assert client.get(f"/chat/{address}").status_code == 404
    change(acme, hosted_page=True)
    assert client.get(f"/chat/{address}").status_code == 200
    change(acme, is_active=False)
    assert client.get(f"/chat/{address}").status_code == 404
    change(acme, is_active=True)
    lifecycle.suspend_tenant(by=SYSTEM, tenant=acme)
    assert client.get(f"/chat/{address}").status_code == 404
    assert client.get("/chat/bot_nonsense").status_code == 404


def test_the_hosted_page_says_who_it_is_also_without_javascript(client: Client, acme: Tenant, address: str) -> None:
    change(acme, hosted_page=True, look=Look(title="Ask <Acme>", language="ar", theme="dark").stored())
    html = client.get(f"/chat/{address}").content.decode()

    assert "<title>Ask &lt;Acme&gt; · Acme</title>" in html
    assert '<meta name="description" content="Knows the &lt;shop&gt;.">' in html
    assert '<html lang="ar" dir="rtl" data-scheme="dark">' in html
    assert "<noscript>" in html


def test_the_hosted_page_speaks_the_visitors_language(client: Client, acme: Tenant, address: str) -> None:
    change(acme, hosted_page=True)
    response = client.get(f"/chat/{address}", headers={"Accept-Language": "de-CH, en;q=0.5"})

    assert '<html lang="de"' in response.content.decode()
    assert "Accept-Language" in response["Vary"]


def test_no_page_may_frame_the_hosted_page_and_nothing_foreign_runs_in_it(
    client: Client, acme: Tenant, address: str
) -> None:
    change(acme, hosted_page=True, allowed_origins=["https://shop.example"])
    response = client.get(f"/chat/{address}")

    rules = policy(response)
    assert rules["frame-ancestors"] == "'none'"
    assert response["X-Frame-Options"] == "DENY"
    assert "'unsafe-inline'" not in response["Content-Security-Policy"]
    assert rules["require-trusted-types-for"] == "'script'"
    nonce = rules["script-src"].split("'nonce-")[1].split("'", maxsplit=1)[0]
    assert f'nonce="{nonce}"' in response.content.decode()


# --- the frame ----------------------------------------------------------------------------------------------


def test_the_frame_is_for_the_bots_allowed_origins(client: Client, acme: Tenant, address: str) -> None:
    assert client.get(f"/embed/{address}", headers=FRAME).status_code == 404
    change(acme, allowed_origins=["https://shop.example", "https://*.shop.example"])
    response = client.get(f"/embed/{address}", headers=FRAME)

    assert response.status_code == 200
    assert policy(response)["frame-ancestors"] == "https://shop.example https://*.shop.example"
    assert "X-Frame-Options" not in response


def test_the_frame_by_itself_is_no_way_around_a_hosted_page(client: Client, acme: Tenant, address: str) -> None:
    change(acme, allowed_origins=["https://shop.example"])
    assert client.get(f"/embed/{address}", headers=TOP).status_code == 404
    change(acme, hosted_page=True)
    assert client.get(f"/embed/{address}", headers=TOP)["Location"] == f"/chat/{address}"


# --- what pages are told of a bot ---------------------------------------------------------------------------


def test_a_bot_without_a_colour_of_its_own_has_the_tenants(client: Client, acme: Tenant, address: str) -> None:
    change(acme, allowed_origins=["https://shop.example"])

    def accent() -> str:
        arrival = {"bot": address}
        headers = {"Origin": "https://shop.example"}
        let_in = client.post("/v1/chat/visitors", arrival, content_type="application/json", headers=headers)
        return str(let_in.json()["bot"]["look"]["accent"])

    assert accent() == ""  # the product's own, as in the portal
    change_settings(by=SYSTEM, tenant=acme, accent_color="#0f766e")
    assert accent() == "#0f766e"
    change(acme, look=Look(accent="#aa0000").stored())
    assert accent() == "#aa0000"
