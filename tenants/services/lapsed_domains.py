"""Looks whether the records that proved domains are still there; warns owners of one that is not, and frees its name.

A record that is back ends it at any time. A DNS that does not answer says nothing about a record.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from chatcms.core.outbound.dnsrecords import DNSUnavailableError
from tenants import audit
from tenants.enums import DomainProof, Role
from tenants.models import Domain, Membership
from tenants.services import domains, mail, own_domains
from tenants.types import SYSTEM

PER_RUN = 50
LOOK_EVERY = timedelta(hours=23)
LAST_WARNING = timedelta(days=3)
PAGE = "settings/domains/"


def look_at_some() -> int:
    """Look for the records of the domains that have waited longest; return how many of those records are missing."""
    missing = 0
    for domain in _waiting():
        Domain.objects.filter(pk=domain.pk).update(looked_at=timezone.now())
        try:
            is_proved = own_domains.is_proved(domain)
        except DNSUnavailableError:
            continue
        missing += not is_proved
        _heed(domain, is_proved=is_proved)
    return missing


def frees_at(domain: Domain) -> datetime | None:
    """Return when the name of a lapsed domain is freed at the earliest; None when it is not.

    Owners have some days left after the last warning, however late that is.
    """
    if domain.lapsed_at is None or not settings.DOMAIN_LAPSE_DAYS:
        return None
    regular = domain.lapsed_at + timedelta(days=settings.DOMAIN_LAPSE_DAYS)
    return max(regular, (domain.last_warned_at or timezone.now()) + _last_days())


def _waiting() -> list[Domain]:
    due = Q(looked_at=None) | Q(looked_at__lt=timezone.now() - LOOK_EVERY)
    proved = Domain.objects.filter(due, verified_at__isnull=False, proof=DomainProof.DNS).select_related("tenant")
    return list(proved.order_by(F("looked_at").asc(nulls_first=True), F("id"))[:PER_RUN])


def _heed(domain: Domain, *, is_proved: bool) -> None:
    if is_proved:
        if domain.lapsed_at is not None:
            _note(domain, "domain.prove_again", lapsed_at=None, last_warned_at=None)
    elif domain.lapsed_at is None:
        _warn(domain, "lapsed", "domain.lapse", lapsed_at=timezone.now())
    elif settings.DOMAIN_LAPSE_DAYS:
        _go_on(domain, domain.lapsed_at)


def _go_on(domain: Domain, lapsed_at: datetime) -> None:
    now = timezone.now()
    if domain.last_warned_at is None:
        if now >= lapsed_at + timedelta(days=settings.DOMAIN_LAPSE_DAYS) - _last_days():
            _warn(domain, "ending", "domain.warn", last_warned_at=now)
    elif (ends := frees_at(domain)) is not None and now >= ends:
        with transaction.atomic():
            if domains.free_lapsed(by=SYSTEM, domain=domain):
                _tell_owners(domain, "freed")


def _warn(domain: Domain, what: str, action: str, **values: datetime) -> None:
    with transaction.atomic():
        if _note(domain, action, **values):
            _tell_owners(domain, what)


def _note(domain: Domain, action: str, **values: datetime | None) -> bool:
    """Write on the row what was seen, unless it was verified anew or given up in the meantime."""
    with transaction.atomic():
        if not Domain.objects.filter(pk=domain.pk, verified_at=domain.verified_at).update(**values):
            return False
        for name, value in values.items():
            setattr(domain, name, value)
        audit.record(action, by=SYSTEM, target=domain, tenant_id=domain.tenant_id)
    return True


def _tell_owners(domain: Domain, what: str) -> None:
    tenant = domain.tenant
    for email in Membership.objects.filter(tenant=tenant, role=Role.OWNER).values_list("user__email", flat=True):
        message = mail.compose(
            "domain_lapsed",
            to=email,
            what=what,
            tenant=tenant.name,
            # It was checked to be a host name, and proved to be theirs.
            domain=mail.Ours(domain.domain),
            ends_at=frees_at(domain) if what != "freed" else None,
            link=mail.Ours(f"{settings.PUBLIC_URL}/t/{tenant.slug}/{PAGE}"),
        )
        mail.send_after_commit(message)


def _last_days() -> timedelta:
    return min(LAST_WARNING, timedelta(days=settings.DOMAIN_LAPSE_DAYS))
