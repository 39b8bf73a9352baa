"""Asks every route by one tenant's own domain for another tenant's things, with every kind of credential.

On its own domain a tenant shows itself and nobody else. The routes come from the URL configuration, so that a new one
is asked, too.
"""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from bots.models import Bot
from bots.public_id import public_id
from chatcms.core.api.routes import api_routes
from chatcms.tests import live
from chatcms.tests.world import Things, headers_of, key_headers, platform_things, things_of
from tenants.context import tenant_scope
from tenants.enums import DomainProof, Scope, TenantStatus
from tenants.models import Invitation, Membership, Tenant
from tenants.services import domains, invitations, own_domains
from tenants.tests import factories
from tenants.types import SYSTEM

HOST = "chat.acme.example"
CALLERS = ("owner", "viewer", "key: admin", "key: chat", "visitor", "staff")
# What a caller without a credential may ask, on whatever host: nothing of a tenant's is in it.
OF_NOBODY = {"v1/health", "v1/schema", "v1/docs", "v1/redoc", "v1/auth/logout", "v1/auth/password-reset"}

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    text: str

    @property
    def code(self) -> str:
        """The code of a problem document, or of an error as OpenAI describes it."""
        try:
            document = json.loads(self.text)
        except ValueError:
            return ""
        return str(document.get("error", document).get("code", ""))


@dataclass(frozen=True)
class Server:
    """The product's own server, asked for by a host of one's choice."""

    address: str

    def ask(self, method: str, path: str, headers: dict[str, str], body: Any = None, host: str = HOST) -> Answer:
        connection = HTTPConnection(self.address.removeprefix("http://"), timeout=30)
        data = None if body is None else json.dumps(body)
        sent = {"Content-Type": "application/json"} if body is not None else {}
        connection.request(method, path, data, {"Accept": "application/json", **sent, **headers, "Host": host})
        answer = connection.getresponse()
        text = answer.read().decode(errors="replace")
        connection.close()
        return Answer(answer.status, text)


@pytest.fixture
def acme_domain(transactional_db: None) -> Tenant:
    """Acme, with a domain of its own."""
    acme = Tenant.objects.get(slug="acme")
    domain = own_domains.add_own_domain(by=SYSTEM, tenant=acme, name=HOST)
    domains.verify_domain(by=SYSTEM, domain=domain, proof=DomainProof.DNS)
    return acme


@pytest.fixture
def globex(transactional_db: None) -> Tenant:
    """The other tenant; its name is found in whatever shows it."""
    Tenant.objects.filter(slug="globex").update(name="Globex Canary")
    return Tenant.objects.get(slug="globex")


@pytest.fixture
def theirs(globex: Tenant) -> Things:
    return {**things_of(globex), **platform_things(globex)}


@pytest.fixture
def server(acme_domain: Tenant, theirs: Things, tmp_path: Path) -> Iterator[Server]:
    log = tmp_path / "web.log"
    with live.web_server(extra={"RATE_LIMITS": "off"}, log=log) as address:
        yield Server(address)
    assert "Traceback" not in log.read_text()


def test_no_route_of_the_api_takes_another_tenants_credential(server: Server, globex: Tenant, theirs: Things) -> None:
    callers = {caller: headers_of(caller, globex, theirs) for caller in CALLERS}
    passed, asked = {}, 0
    for caller, method, route in [(c, m, r) for c in callers for r in api_routes() if r.view for m in r.methods]:
        if route.path in OF_NOBODY or (route.is_open and method == "post"):
            continue
        asked += 1
        answer = server.ask(method.upper(), route.url(theirs), callers[caller], None if method == "get" else {})
        if (answer.status, answer.code) != (404, "not_on_this_domain"):
            passed[f"{caller}: {method} {route.path}"] = (answer.status, answer.text[:200])
    assert not passed
    assert asked > 600


def test_the_open_routes_tell_nothing_of_another_tenant(server: Server, globex: Tenant, theirs: Things) -> None:
    member = factories.make_member(globex, "someone-of@globex.example")
    tokens = factories.make_token_pair(member)
    token = _invited(globex)
    with tenant_scope(globex):
        Bot.objects.update(hosted_page=True)
    bodies: dict[str, dict[str, Any]] = {
        "auth/token": {"email": member.user.email, "password": factories.PASSWORD},
        "auth/token/refresh": {"refresh": tokens.refresh},
        "auth/invitation/preview": {"token": token},
        "auth/invitation/accept": {"token": token, "password": factories.PASSWORD, "name": "New"},
        "chat/visitors": {"bot": public_id(tenant_id=globex.pk, bot_id=uuid.UUID(theirs["bot_id"]))},
    }
    for path, body in bodies.items():
        answer = server.ask("POST", f"/v1/{path}", {"Origin": "https://shop.example"}, body)
        assert answer.status in {400, 401, 404, 422}, (path, answer)
        assert "anary" not in answer.text, path
        elsewhere = server.ask("POST", f"/v1/{path}", {"Origin": "https://shop.example"}, body, host="localhost")
        assert elsewhere.status in {200, 201}, (path, elsewhere)


def test_no_page_shows_another_tenant(server: Server, acme_domain: Tenant, globex: Tenant, theirs: Things) -> None:
    member = factories.make_member(globex, "both@globex.example")
    Membership.objects.create(user=member.user, tenant=acme_domain)
    client = Client()
    client.force_login(member.user)
    cookie = client.cookies["chatcms_session"]
    headers = {"Cookie": f"{cookie.key}={cookie.value}", "Accept": "text/html"}
    with tenant_scope(globex):
        Bot.objects.update(hosted_page=True)
    values = {
        **theirs, "slug": "globex", "public_id": public_id(tenant_id=globex.pk, bot_id=uuid.UUID(theirs["bot_id"])),
        "token": _invited(globex),
    }  # fmt: skip
    shown, of_tenants = {}, 0
    for path in _pages(get_resolver().url_patterns, ""):
        answer = server.ask("GET", _filled(path, values), headers)
        of_tenants += "<slug:slug>" in path
        if "<slug:slug>" in path and answer.status != 404:
            shown[path] = answer.status
        if "Globex Canary" in answer.text or "globex" in answer.text.replace("@globex.example", ""):
            shown[path] = answer.status
    assert not shown
    assert of_tenants > 50
    assert server.ask("GET", f"/chat/{values['public_id']}", headers, host="localhost").status == 200


@pytest.mark.parametrize(
    "host", [HOST.upper(), f"{HOST}.", f"{HOST}:8443", f"{HOST.title()}.:443"], ids=["case", "dot", "port", "all"]
)
def test_the_rule_holds_however_the_host_is_spelled(server: Server, globex: Tenant, host: str) -> None:
    headers = key_headers(globex, Scope.ADMIN)

    for path in ("/v1/tenant/bots", "/v1/models", "/t/globex", "/t/globex/", "/admin", "/v1/admin/tenants"):
        assert server.ask("GET", path, headers, host=host).status == 404, path


def test_its_own_credentials_work_on_the_tenants_domain(server: Server, acme_domain: Tenant) -> None:
    assert server.ask("GET", "/v1/tenant/bots", key_headers(acme_domain, Scope.ADMIN)).status == 200
    assert server.ask("GET", "/v1/tenant/bots", key_headers(acme_domain, Scope.ADMIN), host="localhost").status == 200


def test_the_domain_of_a_tenant_that_is_closed_says_so(server: Server, acme_domain: Tenant) -> None:
    Tenant.objects.filter(pk=acme_domain.pk).update(status=TenantStatus.SUSPENDED)
    with live.web_server() as address:
        page = Server(address).ask("GET", "/t/acme/", {"Accept": "text/html"})
        api = Server(address).ask("GET", "/v1/tenant/bots", key_headers(acme_domain, Scope.ADMIN))
        openais = Server(address).ask("GET", "/v1/models", key_headers(acme_domain, Scope.ADMIN))

    assert (page.status, "<p>This address is closed" in page.text) == (503, True)
    assert (api.status, api.code) == (503, "domain_closed")
    assert (openais.status, openais.code, '{"error":' in openais.text) == (503, "domain_closed", True)


def test_a_host_that_nobody_named_is_refused_in_one_line(server: Server) -> None:
    for host in ("evil.example", "é.example", "a b", "", f"{HOST},evil.example"):
        assert server.ask("GET", "/v1/tenant/bots", {}, host=host).status == 400


def _invited(tenant: Tenant) -> str:
    """The token of an invitation to the tenant."""
    token, expires_at = secrets.token_urlsafe(32), timezone.now() + timedelta(days=1)
    email, token_hash = f"{token[:8].lower()}@{tenant.slug}.example", invitations._hash(token)
    Invitation.objects.create(tenant=tenant, email=email, token_hash=token_hash, expires_at=expires_at)
    return token


def _pages(patterns: list[Any], prefix: str) -> Iterator[str]:
    """The addresses of pages, admin and API left out."""
    for entry in patterns:
        path = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            if not path.startswith(("admin/", "v1/")):
                yield from _pages(entry.url_patterns, path)
        elif isinstance(entry, URLPattern) and not path.startswith(("admin/", "v1/")):
            yield path


def _filled(path: str, values: dict[str, str]) -> str:
    parts = []
    for part in path.split("/"):
        name = part.strip("<>").rpartition(":")[2]
        parts.append(str(values.get(name, "1" if part.startswith("<int") else "x")) if part.startswith("<") else part)
    return "/" + "/".join(parts)
