"""What every page of a tenant stands on: opening, signing in again, lists, navigation, forms."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client, RequestFactory

from chatcms.config.environment import BASE_DIR
from datasets import services as dataset_services
from datasets.models import Dataset
from tenants.context import tenant_scope
from tenants.enums import Role
from tenants.models import Membership, Tenant
from tenants.pages import Listing, resuming
from tenants.pages.navigation import SECTIONS, SETTINGS
from tenants.services import settings as tenant_settings
from tenants.templatetags.parts import column
from tenants.tests import factories
from tenants.types import SYSTEM

HTML = {"Accept": "text/html"}
HTMX = {"HX-Request": "true", **HTML}


@pytest.fixture
def signed_in(owner: Membership) -> Client:
    client = Client()
    client.force_login(owner.user)
    return client


@pytest.fixture
def viewer(acme: Tenant) -> Client:
    client = Client()
    client.force_login(factories.make_member(acme, role=Role.VIEWER).user)
    return client


# --- opening -----------------------------------------------------------------------------------------------


def test_a_fragment_asked_for_after_the_sign_in_ran_out_is_refused_without_a_page(db: None) -> None:
    answer = Client().get("/t/acme/", headers=HTMX)

    assert (answer.status_code, answer.content) == (401, b"")


def test_a_script_is_told_by_a_problem_document(db: None) -> None:
    answer = Client().post("/t/acme/sample/add/", headers={"Accept": "text/event-stream"})

    assert (answer.status_code, answer.json()["code"]) == (401, "signed_out")


def test_what_was_being_sent_when_the_sign_in_ran_out_is_offered_again_after_signing_in(owner: Membership) -> None:
    client = Client()
    typed = {"name": "A long <text>", "tags": ["one", "two"], "csrfmiddlewaretoken": "old"}
    refused = client.post("/t/acme/sample/add/?a=b", typed, headers=HTML)
    assert refused.status_code == 401

    form = client.post("/sign-in/", {"resume": refused.context["packed"]})
    assert form.status_code == 200
    credentials = {"email": owner.user.email, "password": factories.PASSWORD}
    answer = client.post("/sign-in/", {**credentials, "resume": form.context["resume"]}, follow=True)

    kept = answer.context["kept"]
    assert kept.path == "/t/acme/sample/add/?a=b"
    assert kept.fields == [("name", "A long <text>"), ("tags", "one"), ("tags", "two")]
    assert b'value="A long &lt;text&gt;"' in answer.content
    assert client.get("/resume/").headers["Location"] == "/"


@pytest.mark.parametrize("forged", ["", "x", '["/t/acme/", [["name", "x"]], false]'])
def test_nobody_makes_another_person_send_a_form(owner: Membership, forged: str) -> None:
    credentials = {"email": owner.user.email, "password": factories.PASSWORD}

    answer = Client().post("/sign-in/", {**credentials, "resume": forged})

    assert answer.headers["Location"] == "/"


def test_what_is_too_large_to_have_been_typed_is_not_kept() -> None:
    words = "".join(str(number) for number in range(200_000))

    assert resuming.pack(RequestFactory().post("/t/acme/", {"text": words})) == ""


def test_a_page_that_the_role_does_not_include_says_so_in_the_frame(viewer: Client) -> None:
    answer = viewer.post("/t/acme/sample/add/", headers=HTML)

    assert answer.status_code == 403
    assert b"Your role does not include this" in answer.content
    assert b'class="rail"' in answer.content


# --- navigation --------------------------------------------------------------------------------------------


def test_the_rail_leads_to_pages_that_exist_and_marks_where_one_is(signed_in: Client) -> None:
    links = signed_in.get("/t/acme/settings/").context["visit"].navigation

    assert {link.url: link.is_current for link in links}["/t/acme/"] is False
    assert {link.url: link.is_current for link in links}["/t/acme/settings/"] is True
    for link in links:
        assert signed_in.get(link.url).status_code == 200


def test_a_member_is_shown_only_what_the_role_includes(viewer: Client, acme: Tenant) -> None:
    visit = viewer.get("/t/acme/settings/").context["visit"]

    assert visit.can["settings_read"] is True
    assert visit.can["settings_write"] is False
    assert {entry.capability for entry in SECTIONS if visit.may(entry.capability)} >= {SECTIONS[0].capability}
    assert not {"tenants:keys", "tenants:audit"} & {entry.name for entry in SETTINGS if visit.may(entry.capability)}


def test_the_switcher_names_the_other_tenants_and_no_strangers(
    signed_in: Client, owner: Membership, globex: Tenant
) -> None:
    assert b"/t/globex/" not in signed_in.get("/t/acme/").content

    Membership.objects.create(user=owner.user, tenant=globex, role=Role.VIEWER)

    assert b"/t/globex/" in signed_in.get("/t/acme/").content


# --- how pages look in this browser ------------------------------------------------------------------------


def test_a_chosen_scheme_is_in_the_page_itself_and_stays(signed_in: Client) -> None:
    assert b'data-scheme="system"' in signed_in.get("/t/acme/").content

    answer = signed_in.post("/preferences/", {"scheme": "dark", "next": "/t/acme/"})

    assert answer.headers["Location"] == "/t/acme/"
    assert b'data-scheme="dark"' in signed_in.get("/t/acme/").content


@pytest.mark.parametrize("values", [{"scheme": "pink"}, {"language": "xx"}, {}])
def test_a_choice_that_nobody_offers_changes_nothing(client: Client, db: None, values: dict[str, str]) -> None:
    assert not client.post("/preferences/", values).cookies


# --- lists -------------------------------------------------------------------------------------------------


@pytest.fixture
def _names(acme: Tenant) -> None:
    with tenant_scope(acme):
        for name in ("b", "a", "d", "c", "e"):
            dataset_services.create_dataset(by=SYSTEM, name=name)


def listing(acme: Tenant, address: str) -> Listing[Dataset]:
    with tenant_scope(acme):
        rows = Dataset.objects.all()
        return Listing.of(RequestFactory().get(address), rows, orders={"name": "name"}, default="name", size=2)


@pytest.mark.usefixtures("_names")
def test_a_list_is_paged_by_its_address_there_and_back(acme: Tenant) -> None:
    first = listing(acme, "/list/?q=kept")
    second = listing(acme, f"/list/{first.next}")
    last = listing(acme, f"/list/{second.next}")

    assert [[row.name for row in page] for page in (first, second, last)] == [["a", "b"], ["c", "d"], ["e"]]
    assert "q=kept" in second.next
    assert (first.previous, last.next) == ("", "")
    assert [row.name for row in listing(acme, f"/list/{second.previous}")] == ["a", "b"]


@pytest.mark.usefixtures("_names")
@pytest.mark.parametrize(
    ("sort", "names"), [("-name", ["e", "d"]), ("name", ["a", "b"]), ("password", ["a", "b"]), ("", ["a", "b"])]
)
def test_a_list_is_sorted_by_the_columns_it_offers_and_by_no_other(acme: Tenant, sort: str, names: list[str]) -> None:
    assert [row.name for row in listing(acme, f"/list/?sort={sort}")] == names


@pytest.mark.usefixtures("_names")
def test_the_head_of_a_column_says_the_order_and_leads_to_the_other_one(acme: Tenant) -> None:
    request = RequestFactory().get("/list/?sort=name&cursor=old&q=x")
    shown: Any = column({"request": request}, listing(acme, "/list/?sort=name"), "name", "Name")  # type: ignore[arg-type]

    assert shown["state"] == "ascending"
    assert shown["href"] == "?sort=-name&q=x"


# --- templates ---------------------------------------------------------------------------------------------


def test_every_icon_that_a_template_names_is_drawn() -> None:
    """A name that nobody drew is an empty square."""
    drawn = set(re.findall(r'<symbol id="([a-z-]+)"', (BASE_DIR / "static/img/icons.svg").read_text()))
    named = {entry.icon for entry in (*SECTIONS, *SETTINGS)}
    for path in (BASE_DIR / "templates").rglob("*.html"):
        named |= set(re.findall(r'{% icon "([a-z-]+)"', path.read_text()))

    assert named <= drawn


# --- branding ----------------------------------------------------------------------------------------------


def test_a_tenants_accent_and_logo_are_on_its_pages_within_the_policy(signed_in: Client, acme: Tenant) -> None:
    plain = signed_in.get("/t/acme/settings/")
    assert b"<style" not in plain.content

    tenant_settings.change_settings(
        by=SYSTEM, tenant=acme, accent_color="#c02020", logo_url="https://cdn.example/logo.svg"
    )
    page = signed_in.get("/t/acme/settings/")

    policy = page.headers["Content-Security-Policy"]
    nonce = re.search(rb'<style nonce="([^"]+)">:root { --accent: light-dark\(oklch', page.content)
    assert nonce is not None
    assert f"'nonce-{nonce[1].decode()}'" in policy
    assert "img-src 'self' data: https://cdn.example" in policy
    assert b'<img class="mark mark--logo" src="https://cdn.example/logo.svg" alt="">' in page.content


def test_a_logo_that_comes_over_plain_http_is_not_shown(signed_in: Client, acme: Tenant) -> None:
    tenant_settings.change_settings(by=SYSTEM, tenant=acme, logo_url="http://cdn.example/logo.svg")

    assert b"cdn.example" not in signed_in.get("/t/acme/settings/").content
