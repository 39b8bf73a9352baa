"""What a service refuses is said on its page in the reader's language."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from datasets.models import Dataset
from datasets.tests.knowledge import make_dataset
from tenants.models import Membership, Tenant

SETTINGS = "/t/acme/settings/"
TEXT = "# Returns\n\nYou may return a helmet within forty days.\n"

Send = Callable[[Client, Dataset], Any]


def _same_text_twice(client: Client, dataset: Dataset) -> Any:
    address = f"/t/acme/datasets/{dataset.pk}/add-text/"
    client.post(address, {"text": TEXT, "name": "Returns"})
    return client.post(address, {"text": TEXT, "name": "Returns again"})


def _invited_twice(client: Client, dataset: Dataset) -> Any:
    address, person = f"{SETTINGS}members/invite/", {"email": "new@acme.example", "role": "editor"}
    client.post(address, person)
    return client.post(address, person)


def _website_by_ftp(client: Client, dataset: Dataset) -> Any:
    look = {"name": "Acme", "website": "ftp://acme.example/", "accent_color": "#112233"}
    return client.post(f"{SETTINGS}branding/", {**look, "language": "en", "time_zone": "Europe/Berlin"})


def _impossible_domain(client: Client, dataset: Dataset) -> Any:
    return client.post(f"{SETTINGS}domains/", {"domain": "not a domain"})


def _private_address(client: Client, dataset: Dataset) -> Any:
    return client.post(f"/t/acme/datasets/{dataset.pk}/add-address/", {"url": "https://10.0.0.1/page"})


REFUSED: list[tuple[Send, dict[str, str]]] = [
    (
        _same_text_twice,
        {
            "en": "This file is in the dataset already, as “Returns",
            "de": "Diese Datei ist schon im Datensatz, als „Returns",
            "ar": "هذا الملف موجود في مجموعة البيانات باسم «Returns",
        },
    ),
    (
        _invited_twice,
        {
            "en": "This address has an open invitation.",
            "de": "Für diese Adresse ist eine Einladung offen.",
            "ar": "لهذا العنوان دعوة مفتوحة.",
        },
    ),
    (
        _website_by_ftp,
        {
            "en": "Send an address that begins with https:// or http://.",
            "de": "Senden Sie eine Adresse, die mit https:// oder http:// beginnt.",
            "ar": "أرسل عنوانًا يبدأ بـ https:// أو http://.",
        },
    ),
    (
        _impossible_domain,
        {
            "en": "Send a host name such as chat.example.com",
            "de": "Senden Sie einen Hostnamen wie chat.example.com",
            "ar": "أرسل اسم مضيف مثل chat.example.com",
        },
    ),
    (
        _private_address,
        {
            "en": "10.0.0.1:443 is a private address, or it is public but not encrypted. The platform's operator",
            "de": "10.0.0.1:443 ist eine private Adresse, oder sie ist öffentlich, aber nicht verschlüsselt. Der",
            "ar": "10.0.0.1:443 عنوان خاص، أو أنه عام لكنه غير مشفّر. يسمح به مشغّل المنصة عبر",
        },
    ),
]


@pytest.fixture
def client(owner: Membership) -> Client:
    signed_in = Client()
    signed_in.force_login(owner.user)
    return signed_in


@pytest.fixture
def dataset(in_acme: Tenant, settings: Any, tmp_path: Path) -> Dataset:
    settings.MEDIA_ROOT = tmp_path / "media"
    return make_dataset()


@pytest.mark.parametrize("language", ["en", "de", "ar"])
@pytest.mark.parametrize(("send", "said"), REFUSED, ids=[send.__name__.strip("_") for send, _said in REFUSED])
def test_a_refusal_is_said_in_the_readers_language(
    client: Client, dataset: Dataset, send: Send, said: dict[str, str], language: str
) -> None:
    client.defaults.update(HTTP_ACCEPT="text/html", HTTP_ACCEPT_LANGUAGE=language)

    answer = send(client, dataset)

    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert f'lang="{language}"' in page
    assert said[language] in page
    assert language == "en" or said["en"] not in page
