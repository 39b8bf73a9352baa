"""What a page weighs on its way to the browser: itself and everything it links, compressed."""

from __future__ import annotations

import gzip
import re
from pathlib import Path
from urllib.parse import urljoin

import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from chatcms.portal.demo import sample
from tenants.context import tenant_scope
from tenants.models import Membership, Tenant
from tenants.types import SYSTEM

LIMIT = 120 * 1024
STATIC = "/static/"
_LINKS = re.compile(r'(?:src|href)="(/static/[^"#?]+)')
_IMPORTS = re.compile(r'^import .*?"(\./[^"]+)"', re.MULTILINE)


def files_of(address: str, found: dict[str, int] | None = None) -> dict[str, int]:
    """Return the compressed size of a static file and of every module that it imports."""
    found = {} if found is None else found
    if address in found:
        return found
    path = finders.find(address.removeprefix(STATIC))
    assert isinstance(path, str), f"{address} is not there"
    content = Path(path).read_bytes()
    found[address] = len(gzip.compress(content, 6))
    if address.endswith(".js"):
        for other in _IMPORTS.findall(content.decode()):
            files_of(urljoin(address, other), found)
    return found


@pytest.mark.parametrize("path", ["/t/acme/", "/t/acme/settings/", "/account/", "/t/acme/datasets/"])
def test_a_page_with_all_it_needs_is_light(
    owner: Membership, acme: Tenant, tmp_path: Path, settings: object, path: str
) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    client = Client()
    client.force_login(owner.user)
    with tenant_scope(acme):
        sample.add_sample(by=SYSTEM)
    page = client.get(path).content

    files: dict[str, int] = {}
    for address in set(_LINKS.findall(page.decode())):
        files_of(address, files)

    assert STATIC + "js/menus.js" in files, "modules are followed"
    weight = sum(files.values()) + len(gzip.compress(page, 6))
    assert weight <= LIMIT, f"{weight} bytes: {sorted(files.items(), key=lambda each: -each[1])[:5]}"
