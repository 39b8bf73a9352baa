"""The living style sheet shows every part, in development only."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from chatcms.config.environment import BASE_DIR
from chatcms.portal.views.styles import PARTS


@pytest.mark.parametrize("name", PARTS)
def test_a_part_is_shown_with_its_states(client: Client, db: None, settings: Any, name: str) -> None:
    settings.STYLE_SHEET = True

    assert client.get(f"/styles/{name}/").status_code == 200
    assert f"/styles/{name}/" in client.get("/styles/").content.decode()


def test_a_part_that_is_not_there_is_no_page(client: Client, db: None, settings: Any) -> None:
    settings.STYLE_SHEET = True

    assert client.get("/styles/base/").status_code == 404


@pytest.mark.parametrize("address", ["/styles/", "/styles/button/"])
def test_customers_see_no_style_sheet(client: Client, db: None, address: str) -> None:
    assert client.get(address).status_code == 404


def test_every_component_is_on_the_style_sheet() -> None:
    pages = "".join(path.read_text() for path in (BASE_DIR / "templates").rglob("*.html"))
    components = [path.name for path in (BASE_DIR / "templates/components").glob("[a-z]*.html")]

    # Drawn by tags and by the form renderer, or live: they need a tenant's bot.
    elsewhere = {"column.html", "field.html", "form.html", "icon.html"}
    missing = [name for name in components if name not in elsewhere and f"components/{name}" not in pages]
    assert missing == []
