"""Each private host is open for the purpose that the operator named it for, at that port, and for nothing else."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.core.exceptions import ImproperlyConfigured

from chatcms.config import environment
from chatcms.config.reader import SettingReader
from chatcms.core.outbound.egress import EgressRefusedError, Purpose, only_for_providers
from chatcms.portal import condition
from chatcms.portal.private_hosts import entries_to_move
from chatcms.webhooks.enums import EventType
from chatcms.webhooks.exceptions import WebhookAddressError
from chatcms.webhooks.models import Webhook
from chatcms.webhooks.services import create_webhook
from datasets.blocks import ReadError
from datasets.ingestion import fetching
from datasets.services import add_url
from datasets.tests.knowledge import make_dataset
from datasets.tests.webserver import Page, Site, serving
from providers import services as providers
from providers.exceptions import ProviderSettingsError
from tenants.context import tenant_scope
from tenants.models import Domain, Tenant
from tenants.services import own_domains
from tenants.types import SYSTEM

REFUSALS = (EgressRefusedError, ProviderSettingsError, ReadError, WebhookAddressError)


@pytest.fixture(autouse=True)
def nothing_is_open(settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    for purpose in Purpose:
        setattr(settings, purpose.value, frozenset())


@pytest.fixture
def site() -> Iterator[Site]:
    with serving() as site:
        site.pages["/"] = Page(b"<title>Rules</title><p>Returns within thirty days.</p>")
        yield site


def as_provider(url: str) -> None:
    config = {"base_url": url, "models": ["any"]}
    row = providers.create_provider(by=SYSTEM, name="Any", provider_type="openai_compatible", config=config)
    if providers.test_connection(by=SYSTEM, provider=row).code == EgressRefusedError.code:
        raise EgressRefusedError


def as_fetch(url: str) -> None:
    fetching.fetch(fetching.checked_url(url), key=f"{uuid.uuid4()}/{uuid.uuid4()}")


def as_webhook(url: str) -> None:
    create_webhook(by=SYSTEM, url=url, events=[EventType.PING])


def as_domain(url: str) -> None:
    async_to_sync(own_domains._fetched)(url)


CALLERS: dict[Purpose, Callable[[str], None]] = {
    Purpose.PROVIDER: as_provider,
    Purpose.FETCH: as_fetch,
    Purpose.WEBHOOK: as_webhook,
    Purpose.DOMAIN: as_domain,
}


def test_every_purpose_has_a_caller_here() -> None:
    assert CALLERS.keys() == set(Purpose)


@pytest.mark.parametrize("listed", [None, *Purpose], ids=str)
@pytest.mark.parametrize("purpose", Purpose, ids=str)
def test_a_list_opens_a_host_for_its_own_purpose_only(
    in_acme: Tenant, settings: Any, site: Site, purpose: Purpose, listed: Purpose | None
) -> None:
    if listed:
        setattr(settings, listed.value, frozenset({site.host}))
    if purpose is listed:
        CALLERS[purpose](site.url())
        return
    with pytest.raises(REFUSALS, match=f"{purpose.value}={site.host}"):
        CALLERS[purpose](site.url())
    assert site.asked == []


@pytest.mark.parametrize("purpose", Purpose, ids=str)
def test_another_port_or_another_spelling_of_the_host_stays_shut(
    in_acme: Tenant, settings: Any, site: Site, purpose: Purpose
) -> None:
    port = int(site.host.rpartition(":")[2])
    setattr(settings, purpose.value, frozenset({f"127.0.0.1:{port ^ 1}", f"localhost:{port}", f"[::1]:{port}"}))

    with pytest.raises(REFUSALS):
        CALLERS[purpose](site.url())
    assert site.asked == []


@pytest.mark.parametrize("where", list(Purpose), ids=str)
def test_an_open_host_leads_to_no_other_private_one(in_acme: Tenant, settings: Any, site: Site, where: Purpose) -> None:
    with serving() as other:
        site.pages["/"] = Page(b"", 302, headers={"Location": other.url("/secret")})
        for purpose in Purpose:
            setattr(settings, purpose.value, frozenset({site.host}))
        if where is not Purpose.FETCH:
            setattr(settings, where.value, frozenset({site.host, other.host}))

        with pytest.raises(REFUSALS, match=f"FETCH_PRIVATE_HOSTS={other.host}"):
            as_fetch(site.url())
        assert site.asked == ["/"]
        assert other.asked == []


# --- what the operator writes ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("127.0.0.1:8911", {"127.0.0.1:8911"}),
        (" LLM.Internal:443 , 10.0.0.8:8000 ", {"llm.internal:443", "10.0.0.8:8000"}),
        ("[::1]:11434,[0:0:0:0:0:0:0:2]:80", {"[::1]:11434", "[::2]:80"}),
        ("müller.example:443", {"xn--mller-kva.example:443"}),
        ("my_server:8000", {"my_server:8000"}),
        ("*", {"*"}),
        ("", set()),
    ],
)
@pytest.mark.parametrize("purpose", Purpose, ids=str)
def test_a_pair_is_read_in_the_form_that_addresses_are_compared_in(
    monkeypatch: pytest.MonkeyPatch, purpose: Purpose, written: str, meant: set[str]
) -> None:
    monkeypatch.setenv(purpose.value, written)
    assert environment.private_hosts(purpose.value) == meant


@pytest.mark.parametrize(
    "written",
    [
        "llm.internal", "127.0.0.1", "::1:11434", "[::1]", "[::g]:80", "http://llm.internal:80", "llm.internal:80/v1",
        "user@llm.internal:80", "llm.internal:0", "llm.internal:65536", "llm.internal:http", ":80", "a b:80",
        "good.internal:80,bad", "10.0.0.0/8:80", "*:80x",
    ],
)  # fmt: skip
@pytest.mark.parametrize("purpose", Purpose, ids=str)
def test_what_is_no_pair_stops_the_start_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch, purpose: Purpose, written: str
) -> None:
    monkeypatch.setenv(purpose.value, written)
    reader = SettingReader()
    monkeypatch.setattr(environment, "env", reader)
    environment.private_hosts(purpose.value)
    with pytest.raises(ImproperlyConfigured, match=rf"{purpose.value}: '.*' is not understood. Write host:port"):
        reader.refuse()


# --- what has to move -------------------------------------------------------------------------------------


def test_what_is_stored_and_only_open_to_providers_is_named_once(acme: Tenant, globex: Tenant, settings: Any) -> None:
    settings.EGRESS_PRIVATE_HOSTS = frozenset({"127.0.0.1:8911", "hooks.internal:8000", "acme.internal:443"})
    settings.PUBLIC_URL = "https://chat.example"
    for tenant in (acme, globex):
        with tenant_scope(tenant):
            settings.FETCH_PRIVATE_HOSTS = settings.EGRESS_PRIVATE_HOSTS  # as it was when all of this was stored
            Webhook.objects.create(url="http://hooks.internal:8000/a", events=[], secret="x")
            Webhook.objects.create(url="https://hooks.example/a", events=[], secret="x")
            for path in ("/a", "/b"):
                dataset = make_dataset(path)
                add_url(by=SYSTEM, dataset=dataset, url=f"http://127.0.0.1:8911{path}")
    settings.FETCH_PRIVATE_HOSTS = frozenset()
    Domain.objects.create(tenant=acme, domain="acme.internal", is_primary=False)

    found = sorted(entries_to_move())

    assert [text.partition(" ")[0] for text in found] == ["127.0.0.1:8911", "acme.internal:443", "hooks.internal:8000"]
    assert ["FETCH" in found[0], "DOMAIN" in found[1], "WEBHOOK" in found[2]] == [True, True, True]
    assert "acme and 1 more" in found[0]
    (finding,) = [one for one in condition.findings() if one.key == "private_hosts"]
    assert finding.level == condition.Level.ATTENTION
    settings.FETCH_PRIVATE_HOSTS = frozenset({"127.0.0.1:8911"})
    settings.WEBHOOK_PRIVATE_HOSTS = frozenset({"hooks.internal:8000"})
    settings.DOMAIN_PRIVATE_HOSTS = frozenset({"acme.internal:443"})
    assert entries_to_move() == []


@pytest.mark.parametrize(
    ("url", "named"),
    [
        ("http://10.0.0.8:8000/x", "10.0.0.8:8000"),
        ("https://[::0:1]:8443/x", "[::1]:8443"),
        ("https://public.example/x", None),
        ("http://10.0.0.9:8000/x", "10.0.0.9:8000"),
    ],
)
def test_a_wildcard_for_providers_names_what_it_opened(settings: Any, url: str, named: str | None) -> None:
    settings.EGRESS_PRIVATE_HOSTS = frozenset({"*"})
    assert only_for_providers(url, Purpose.WEBHOOK) == named
