"""Keeps which host names lead to which tenant: several may ask for a name, one of them has proved that it is theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from chatcms.core.db.locks import lent_name
from chatcms.core.errortext import ErrorText
from tenants import audit
from tenants.enums import DomainProof
from tenants.exceptions import DomainRestingError, DomainTakenError, InvalidDomainError
from tenants.models import Domain, RestingDomain, Tenant
from tenants.selectors import resting_until
from tenants.types import Actor

LONGEST_HOST = 253
# Before it is composed and encoded, which takes the square of its length: a letter may come with marks of its own.
_LONGEST_ASKED = 4 * LONGEST_HOST
_TOLD = ("domain", "is_primary", "tenant_id", "verified_at")
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST_NAME = re.compile(rf"{_LABEL}(?:\.{_LABEL})*\.(?![0-9]+$){_LABEL}")


def host_name(text: str) -> str:
    """Return a host name in lower case and ASCII; raise `InvalidDomainError` for what is none."""
    text = text.strip().rstrip(".")
    if len(text) > _LONGEST_ASKED:
        raise InvalidDomainError
    try:
        name = text.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise InvalidDomainError from error
    if len(name) > LONGEST_HOST or not _HOST_NAME.fullmatch(name):
        raise InvalidDomainError
    return name


def save_domain(*, by: Actor, domain: Domain) -> None:
    """Store a domain, new or not, as browsers send it: lower case, in ASCII.

    The first one of a tenant, and one that is made the primary one, takes that place from the others. A domain that
    gets another name or tenant is not verified any more. Raises `InvalidDomainError` and `DomainTakenError`.
    """
    action = "domain.create" if domain._state.adding else "domain.change"
    domain.domain = host_name(domain.domain)
    with _one_at_a_time():
        before = Domain.objects.filter(pk=domain.pk).first()
        was = audit.values_of(before, _TOLD) if before is not None else {}
        is_same = before is not None and (before.domain, before.tenant_id) == (domain.domain, domain.tenant_id)
        if not is_same:
            _refuse_verified_elsewhere(domain)
            domain.verified_at = None
            if before is not None:
                _let_rest(before)
        if domain.verified_at is None:
            domain.proof, domain.lapsed_at, domain.last_warned_at = "", None, None
        domain.save()
        told = audit.changes(was, audit.values_of(domain, _TOLD)) if was else {}
        audit.record(action, by=by, target=domain, tenant_id=domain.tenant_id, changes=told)


def verify_domain(*, by: Actor, domain: Domain, proof: DomainProof) -> None:
    """Note that the domain is the tenant's. The word of the platform's staff also ends the rest of a name.

    Raises `DomainTakenError` when another tenant has proved that it is theirs, and `DomainRestingError` when another
    one gave it up a short while ago.
    """
    with _one_at_a_time():
        _refuse_verified_elsewhere(domain)
        until = resting_until(domain.domain, tenant_id=domain.tenant_id)
        if until is not None and proof != DomainProof.STAFF:
            raise DomainRestingError(
                ErrorText(
                    "Another tenant used %(domain)s until a short while ago. It can be verified from "
                    "%(until)s UTC on, or earlier by the platform's staff.",
                    domain=domain.domain,
                    until=f"{until:%Y-%m-%d %H:%M}",
                )
            )
        RestingDomain.objects.filter(domain=domain.domain).delete()
        domain.verified_at, domain.proof, domain.lapsed_at = timezone.now(), proof, None
        domain.last_warned_at = None
        domain.save(update_fields=["verified_at", "proof", "lapsed_at", "last_warned_at"])
        audit.record("domain.verify", by=by, target=domain, tenant_id=domain.tenant_id, proof=proof)


def delete_domain(*, by: Actor, domain: Domain) -> None:
    """Take a domain from its tenant; a verified name rests before another tenant may verify it."""
    with _one_at_a_time():
        _let_rest(domain)
        audit.record("domain.delete", by=by, target=domain, tenant_id=domain.tenant_id)
        domain.delete()


def free_lapsed(*, by: Actor, domain: Domain) -> bool:
    """Take the proof from a domain whose record stayed away: it shows nothing, and its name rests.

    The tenant keeps the entry and may check it again. False when it was verified anew in the meantime.
    """
    with _one_at_a_time():
        lapsed = Domain.objects.filter(pk=domain.pk, verified_at=domain.verified_at, lapsed_at__isnull=False)
        if not lapsed.update(verified_at=None, proof="", lapsed_at=None, last_warned_at=None):
            return False
        _let_rest(domain)
        audit.record("domain.free", by=by, target=domain, tenant_id=domain.tenant_id)
    return True


def let_all_rest(tenant: Tenant) -> None:
    """Let the verified names of a tenant rest that is being dropped; call it in a transaction."""
    for domain in Domain.objects.filter(tenant=tenant):
        _let_rest(domain)


def release_domain(*, by: Actor, resting: RestingDomain) -> None:
    """End the rest of a name, so that any tenant may verify it now."""
    with transaction.atomic():
        audit.record("domain.release", by=by, target=resting, tenant_id=resting.tenant_id)
        resting.delete()


def _refuse_verified_elsewhere(domain: Domain) -> None:
    same_name = Domain.objects.filter(domain=domain.domain).exclude(pk=domain.pk)
    if same_name.filter(verified_at__isnull=False).exists():
        raise DomainTakenError
    if same_name.filter(tenant_id=domain.tenant_id).exists():
        raise DomainTakenError("This tenant has this domain already.")


def _let_rest(domain: Domain) -> None:
    if domain.verified_at is not None:
        until = timezone.now() + timedelta(days=settings.DOMAIN_REST_DAYS)
        values = {"tenant_id": domain.tenant_id, "until": until}
        RestingDomain.objects.update_or_create(domain=domain.domain, defaults=values)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Let no other change of domains come between what is read and what is written; they are rare."""
    try:
        with lent_name("domains"):
            yield
    except IntegrityError as error:
        raise DomainTakenError from error
