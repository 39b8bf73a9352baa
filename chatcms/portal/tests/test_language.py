"""The language of a page: the person's choice, the tenant's, the browser's; programs are spoken to in English."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from django.test import Client

from chatcms.portal.management import catalogues
from tenants.enums import Role
from tenants.models import Membership, Tenant
from tenants.services import settings as tenant_settings
from tenants.tests import factories
from tenants.types import SYSTEM

WORDS = {"ar": "إعدادات", "de": "Einstellungen"}


@pytest.fixture(autouse=True)
def _translations(settings: Any, tmp_path: Path) -> None:
    """Catalogues of one word each, whatever the real ones say."""
    for code, word in WORDS.items():
        catalog = Catalog(locale=code)
        catalog.add("Settings", word)
        catalog.add("Your role does not include this", word + "!")
        catalog.add("You may not do this. Ask an owner or admin of the tenant.", word + "!!")
        path = tmp_path / code / "LC_MESSAGES/django.mo"
        path.parent.mkdir(parents=True)
        path.write_bytes(catalogues.compiled(catalog))
    settings.LOCALE_PATHS = [tmp_path]


@pytest.fixture
def signed_in(owner: Membership) -> Client:
    client = Client()
    client.force_login(owner.user)
    return client


def page(client: Client, **headers: str) -> str:
    return client.get("/t/acme/settings/", headers=headers).content.decode()


def test_the_browsers_wish_counts_when_nobody_has_chosen(signed_in: Client) -> None:
    answer = signed_in.get("/t/acme/settings/", headers={"Accept-Language": "de-AT,de;q=0.9"})

    assert '<html lang="de" dir="ltr"' in answer.content.decode()
    assert "<h1>Einstellungen</h1>" in answer.content.decode()
    assert answer.headers["Content-Language"] == "de"
    assert "Accept-Language" in answer.headers["Vary"]


def test_the_tenants_language_counts_more_than_the_browsers(signed_in: Client, acme: Tenant) -> None:
    tenant_settings.change_settings(by=SYSTEM, tenant=acme, language="ar")

    shown = page(signed_in, **{"Accept-Language": "de"})

    assert '<html lang="ar" dir="rtl"' in shown
    assert "<h1>إعدادات</h1>" in shown


def test_a_persons_choice_counts_most(signed_in: Client, acme: Tenant) -> None:
    tenant_settings.change_settings(by=SYSTEM, tenant=acme, language="ar")
    signed_in.post("/preferences/", {"language": "de"})

    assert '<html lang="de"' in page(signed_in, **{"Accept-Language": "ar"})


@pytest.mark.parametrize(("language", "shown"), [("pt-BR", "en"), ("de-CH", "de"), ("zz", "en")])
def test_a_language_that_we_do_not_speak_is_passed_over(
    signed_in: Client, acme: Tenant, language: str, shown: str
) -> None:
    tenant_settings.change_settings(by=SYSTEM, tenant=acme, language=language)

    assert f'<html lang="{shown}"' in page(signed_in)


def test_one_request_leaves_no_language_to_the_next(signed_in: Client) -> None:
    page(signed_in, **{"Accept-Language": "ar"})

    assert '<html lang="en"' in page(signed_in)


def test_programs_are_spoken_to_in_english(client: Client, db: None) -> None:
    refused = client.get("/v1/tenant/bots", headers={"Accept-Language": "ar"})

    assert refused.json()["detail"] == "Authentication credentials were not provided."
    assert "Content-Language" not in refused.headers


def test_what_an_error_says_is_translated_in_a_page(acme: Tenant) -> None:
    viewer = Client()
    viewer.force_login(factories.make_member(acme, role=Role.VIEWER).user)

    answer = viewer.post("/t/acme/sample/add/", headers={"Accept": "text/html", "Accept-Language": "de"})

    assert "<h1>Einstellungen!</h1>" in answer.content.decode()
    assert "Einstellungen!!" in answer.content.decode()
