"""Finds private hosts that EGRESS_PRIVATE_HOSTS opened to every purpose once, and that must be named for theirs now."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Q

from chatcms.core.outbound.egress import ANY_PRIVATE, Purpose, only_for_providers
from chatcms.webhooks.models import Webhook
from datasets.models import Document
from tenants.each import for_each_tenant
from tenants.enums import TenantStatus
from tenants.models import Domain, Tenant
from tenants.services import own_domains

Needed = dict[tuple[Purpose, str], list[str]]
"""Which tenants need which host for which purpose."""


def entries_to_move() -> list[str]:
    """Return a sentence for each `host:port` that has to be named in another setting too, for what is stored now."""
    if not settings.EGRESS_PRIVATE_HOSTS:
        return []
    needed: Needed = defaultdict(list)
    for tenant, purpose, url in _stored():
        if (pair := only_for_providers(url, purpose)) and tenant not in needed[purpose, pair]:
            needed[purpose, pair].append(tenant)
    return [_sentence(purpose, pair, tenants) for (purpose, pair), tenants in needed.items() if tenants]


def _sentence(purpose: Purpose, pair: str, tenants: list[str]) -> str:
    more = f" and {len(tenants) - 1} more" if len(tenants) > 1 else ""
    need = f"{tenants[0]}{more} needs it" if not more else f"{tenants[0]}{more} need it"
    return f"{pair} is in EGRESS_PRIVATE_HOSTS, which is for providers only: add it to {purpose.value} too, {need}."


def _stored() -> Iterator[tuple[str, Purpose, str]]:
    """Yield tenant, purpose and address of all that is called again and may name one of the hosts."""
    for domain in Domain.objects.filter(verified_at=None).select_related("tenant"):
        yield domain.tenant.slug, Purpose.DOMAIN, own_domains.address_of(domain)
    found: list[tuple[str, Purpose, str]] = []
    ready = Tenant.objects.filter(status=TenantStatus.READY).order_by("slug")
    for_each_tenant(lambda tenant: found.extend(_of_tenant(tenant)), task="private_hosts", tenants=ready)
    yield from found


def _of_tenant(tenant: Tenant) -> list[tuple[str, Purpose, str]]:
    webhooks = Webhook.objects.filter(_names("url"), is_active=True).order_by()
    documents = Document.objects.filter(_names("source_url")).exclude(source_url="").order_by()
    stored = (
        (Purpose.WEBHOOK, webhooks.values_list("url", flat=True).distinct()),
        (Purpose.FETCH, documents.values_list("source_url", flat=True).distinct()),
    )
    return [(tenant.slug, purpose, url) for purpose, urls in stored for url in urls]


def _names(field: str) -> Q:
    """Narrow down to addresses that may name a listed host, so that not every document is read."""
    hosts = {entry.rpartition(":")[0] for entry in settings.EGRESS_PRIVATE_HOSTS if entry != ANY_PRIVATE}
    if ANY_PRIVATE in settings.EGRESS_PRIVATE_HOSTS:
        return Q()
    return Q(*((f"{field}__icontains", host) for host in sorted(hosts)), _connector=Q.OR)
