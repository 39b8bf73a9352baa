"""Tests of the logo that a tenant uploads: kept, served, shown in the portal, and put and removed through the API."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from chatcms.core.exceptions import AppError, InvalidInputError
from tenants.enums import Role, TenantStatus
from tenants.exceptions import LogoTooLargeError, NoLogoError, NotAPictureError, SvgLogoError
from tenants.models import AuditEvent, Membership, Tenant, TenantLogo, TenantSettings
from tenants.services import logos
from tenants.services.settings import change_settings
from tenants.tests import factories
from tenants.tests.factories import bearer
from tenants.tests.pictures import JPEG, SVG, WEBP, png
from tenants.types import SYSTEM

API = "/v1/tenant/settings/logo"
PAGE = "/t/acme/settings/branding/"
PNG = png()
NAME = f"{hashlib.sha256(PNG).hexdigest()}.png"
ADDRESS = f"/logo/acme/{NAME}"
LOOK = {"name": "Acme", "accent_color": "#aa3300", "language": "en", "time_zone": "Europe/Oslo"}
REFUSED = [
    (SVG, SvgLogoError),
    (b"GIF89a" + bytes(20), NotAPictureError),
    (b"RIFF\x24\x00\x00\x00WAVEfmt ", NotAPictureError),
    (b"", NotAPictureError),
    (PNG + bytes(logos.MAX_LOGO_BYTES + 1 - len(PNG)), LogoTooLargeError),
]
IDS = ["SVG", "GIF", "sound", "nothing", "one byte too many"]


@pytest.fixture
def portal(owner: Membership) -> Client:
    client = Client(headers={"Accept": "text/html"})
    client.force_login(owner.user)
    return client


def _put(client: Client, who: str, content: bytes, *, name: str = "logo.png", **headers: str) -> Any:
    body = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile(name, content)})
    return client.put(API, body, content_type=MULTIPART_CONTENT, headers={**bearer(who), **headers})


# --- keeping it ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "extension", "content_type"),
    [(PNG, "png", "image/png"), (JPEG, "jpg", "image/jpeg"), (WEBP, "webp", "image/webp")],
)
def test_a_picture_is_known_by_what_is_in_it(acme: Tenant, content: bytes, extension: str, content_type: str) -> None:
    row = logos.put_logo(by=SYSTEM, tenant=acme, content=content)

    kept = TenantLogo.objects.get(tenant=acme)
    assert row.logo_name == kept.name == f"{hashlib.sha256(content).hexdigest()}.{extension}"
    assert (kept.content_type, bytes(kept.content)) == (content_type, content)


@pytest.mark.parametrize(("content", "error"), REFUSED, ids=IDS)
def test_what_is_refused_leaves_the_logo_of_before(acme: Tenant, content: bytes, error: type[AppError]) -> None:
    logos.put_logo(by=SYSTEM, tenant=acme, content=PNG)

    with pytest.raises(error) as caught:
        logos.put_logo(by=SYSTEM, tenant=acme, content=content)

    assert type(caught.value) is error
    assert TenantLogo.objects.get(tenant=acme).name == NAME


def test_a_picture_of_the_largest_size_is_taken(acme: Tenant) -> None:
    logos.put_logo(by=SYSTEM, tenant=acme, content=PNG.ljust(logos.MAX_LOGO_BYTES, b"\0"))

    assert len(TenantLogo.objects.get(tenant=acme).content) == 256 * 1024


def test_settings_and_logo_are_changed_together_or_not_at_all(acme: Tenant) -> None:
    with pytest.raises(InvalidInputError):
        logos.change_look(by=SYSTEM, tenant=acme, logo=PNG, time_zone="Moon/Crater")
    with pytest.raises(NotAPictureError):
        logos.change_look(by=SYSTEM, tenant=acme, logo=SVG, time_zone="Europe/Oslo")
    assert not TenantLogo.objects.exists()
    assert not TenantSettings.objects.filter(time_zone="Europe/Oslo").exists()

    row = logos.change_look(by=SYSTEM, tenant=acme, logo=PNG, time_zone="Europe/Oslo")
    assert (row.time_zone, row.logo_name) == ("Europe/Oslo", NAME)
    assert logos.change_look(by=SYSTEM, tenant=acme, time_zone="UTC").logo_name == NAME


def test_a_removed_logo_is_gone_and_both_acts_are_on_record(acme: Tenant) -> None:
    logos.put_logo(by=SYSTEM, tenant=acme, content=PNG)
    logos.remove_logo(by=SYSTEM, tenant=acme)

    assert not TenantLogo.objects.exists()
    assert TenantSettings.objects.get(tenant=acme).logo_name == ""
    with pytest.raises(NoLogoError):
        logos.remove_logo(by=SYSTEM, tenant=acme)
    lines = AuditEvent.objects.filter(action__startswith="logo.", tenant_id=acme.pk).order_by("id")
    assert [(line.action, line.detail) for line in lines] == [
        ("logo.upload", {"name": NAME, "size_bytes": len(PNG)}),
        ("logo.remove", {}),
    ]


# --- serving it ----------------------------------------------------------------------------------------------


def test_anybody_may_load_it_and_keep_it_for_ever(acme: Tenant) -> None:
    logos.put_logo(by=SYSTEM, tenant=acme, content=PNG)

    answer = Client().get(ADDRESS)

    assert (answer.status_code, answer.content) == (200, PNG)
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'"
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.headers.get("Vary", "")


def test_no_other_address_has_it(acme: Tenant, globex: Tenant) -> None:
    logos.put_logo(by=SYSTEM, tenant=acme, content=PNG)
    strangers = (f"/logo/globex/{NAME}", ADDRESS.replace(".png", ".jpg"), f"/logo/acme/{'0' * 64}.png", "/logo/none/x")
    assert [Client().get(address).status_code for address in strangers] == [404] * 4

    logos.put_logo(by=SYSTEM, tenant=acme, content=JPEG)
    assert Client().get(ADDRESS).status_code == 404


def test_a_tenant_that_cannot_be_entered_shows_none(acme: Tenant) -> None:
    logos.put_logo(by=SYSTEM, tenant=acme, content=PNG)
    Tenant.objects.filter(pk=acme.pk).update(status=TenantStatus.SUSPENDED)

    assert Client().get(ADDRESS).status_code == 404


# --- the page ------------------------------------------------------------------------------------------------


def test_the_uploaded_logo_is_shown_before_the_one_elsewhere(portal: Client, acme: Tenant) -> None:
    change_settings(by=SYSTEM, tenant=acme, logo_url="https://cdn.example/logo.svg")
    answer = portal.post(PAGE, {**LOOK, "logo": SimpleUploadedFile("Our logo.bin", PNG)})
    assert (answer.status_code, answer.headers["Location"]) == (302, PAGE)

    page = portal.get(PAGE)

    assert f'<img class="mark mark--logo" src="{ADDRESS}" alt="">' in page.content.decode()
    assert b"cdn.example" not in page.content
    assert "cdn.example" not in page.headers["Content-Security-Policy"]
    assert TenantSettings.objects.get(tenant=acme).time_zone == "Europe/Oslo"


def test_what_is_saved_without_a_file_keeps_the_logo(portal: Client, acme: Tenant) -> None:
    logos.put_logo(by=SYSTEM, tenant=acme, content=PNG)

    assert portal.post(PAGE, LOOK).status_code == 302
    assert TenantLogo.objects.get(tenant=acme).name == NAME


@pytest.mark.parametrize(("content", "error"), [REFUSED[0], REFUSED[1], REFUSED[4]], ids=["SVG", "GIF", "too large"])
def test_a_refused_file_says_why_and_keeps_what_was_typed(
    portal: Client, content: bytes, error: type[AppError]
) -> None:
    answer = portal.post(PAGE, {**LOOK, "name": "Acme Ltd", "logo": SimpleUploadedFile("logo.png", content)})

    shown = answer.content.decode()
    assert answer.status_code == 422
    assert error.default_detail in shown
    assert 'value="Acme Ltd"' in shown
    assert not TenantSettings.objects.filter(time_zone="Europe/Oslo").exists()


def test_the_logo_is_removed_on_the_page(portal: Client, acme: Tenant) -> None:
    assert b"Remove the logo" not in portal.get(PAGE).content
    logos.put_logo(by=SYSTEM, tenant=acme, content=PNG)
    assert b"Remove the logo" in portal.get(PAGE).content

    assert b"The logo is removed." in portal.post(f"{PAGE}logo/remove/", follow=True).content
    assert not TenantLogo.objects.exists()
    assert NoLogoError.default_detail in portal.post(f"{PAGE}logo/remove/", follow=True).content.decode()


def test_who_may_only_look_changes_no_logo(acme: Tenant) -> None:
    editor = Client(headers={"Accept": "text/html"})
    editor.force_login(factories.make_member(acme, role=Role.EDITOR).user)
    logos.put_logo(by=SYSTEM, tenant=acme, content=PNG)

    shown = editor.get(PAGE)
    assert ADDRESS.encode() in shown.content
    assert b"Remove the logo" not in shown.content
    assert editor.post(PAGE, {**LOOK, "logo": SimpleUploadedFile("logo.jpg", JPEG)}).status_code == 403
    assert editor.post(f"{PAGE}logo/remove/").status_code == 403
    assert TenantLogo.objects.get(tenant=acme).name == NAME


# --- the API -------------------------------------------------------------------------------------------------


@override_settings(PUBLIC_URL="https://chat.example")
def test_the_api_takes_a_logo_and_removes_it(
    client: Client, acme: Tenant, owner: Membership, access_token: str
) -> None:
    put = _put(client, access_token, PNG)
    assert (put.status_code, put.json()["uploaded_logo_url"]) == (200, f"https://chat.example{ADDRESS}")
    shown = client.get("/v1/tenant/settings", headers=bearer(access_token))
    assert (shown.json(), shown.headers["ETag"]) == (put.json(), put.headers["ETag"])

    assert client.delete(API, headers=bearer(access_token)).status_code == 204
    assert client.get("/v1/tenant/settings", headers=bearer(access_token)).json()["uploaded_logo_url"] == ""
    lines = AuditEvent.objects.filter(tenant_id=acme.pk, actor_id=owner.user_id, action__startswith="logo.")
    assert [line.action for line in lines.order_by("id")] == ["logo.upload", "logo.remove"]
    again = client.delete(API, headers=bearer(access_token))
    assert (again.status_code, again.json()["code"]) == (404, "no_logo")


@pytest.mark.parametrize(("content", "error"), REFUSED, ids=IDS)
def test_the_api_refuses_what_is_no_logo(
    client: Client, access_token: str, content: bytes, error: type[AppError]
) -> None:
    answer = _put(client, access_token, content)

    status = 413 if error is LogoTooLargeError else 415
    assert (answer.status_code, answer.json()["code"], answer.json()["detail"]) == (
        status, error.code, error.default_detail,
    )  # fmt: skip
    assert not TenantLogo.objects.exists()


def test_a_form_without_a_file_is_refused(client: Client, access_token: str) -> None:
    body = encode_multipart(BOUNDARY, {"file": "text"})
    answer = client.put(API, body, content_type=MULTIPART_CONTENT, headers=bearer(access_token))
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/file")
    assert client.put(API, PNG, content_type="image/png", headers=bearer(access_token)).status_code == 415


def test_a_logo_is_replaced_and_removed_as_it_was_seen(client: Client, access_token: str) -> None:
    seen = client.get("/v1/tenant/settings", headers=bearer(access_token)).headers["ETag"]
    now = _put(client, access_token, PNG, **{"If-Match": seen}).headers["ETag"]
    assert _put(client, access_token, JPEG, **{"If-Match": seen}).status_code == 412
    assert client.delete(API, headers={**bearer(access_token), "If-Match": seen}).status_code == 412
    assert TenantLogo.objects.get().name == NAME
    assert client.delete(API, headers={**bearer(access_token), "If-Match": now}).status_code == 204


@pytest.mark.parametrize("role", [Role.EDITOR, Role.VIEWER])
def test_others_upload_nothing_through_the_api(client: Client, acme: Tenant, role: Role) -> None:
    who = factories.make_token_pair(factories.make_member(acme, role=role)).access
    assert _put(client, who, PNG).status_code == 403
    assert client.delete(API, headers=bearer(who)).status_code == 403
