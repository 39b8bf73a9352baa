"""Tells the owners of a tenant, by mail and on record, what the platform's staff do to who may come in."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from tenants import audit
from tenants.enums import Notice, Role
from tenants.models import Membership, Tenant, User
from tenants.models.requests import ANSWER_WITHIN
from tenants.services import mail
from tenants.types import Actor

PAGE, REQUESTS = "settings/security/", "#requests"


def tell_owners(notice: Notice, *, by: Actor, tenant: Tenant, person: User, role: str = "") -> None:
    """Mail every owner of `tenant`, once the caller's transaction is committed.

    Also those who are switched off: whoever would take a tenant over begins with its owners.
    """
    anchor = REQUESTS if notice == Notice.MEMBER_REQUESTED else ""
    owners = Membership.objects.filter(tenant=tenant, role=Role.OWNER).values_list("user__email", flat=True)
    for email in owners:
        message = mail.compose(
            "owner_notice",
            to=email,
            notice=str(notice),
            tenant=tenant.name,
            staff=mail.Ours(by.label),
            person=mail.Ours(person.email),
            role=role,
            days=ANSWER_WITHIN.days,
            link=mail.Ours(f"{settings.PUBLIC_URL}/t/{tenant.slug}/{PAGE}{anchor}"),
        )
        mail.send_after_commit(message)


def record_for_tenants(action: str, *, by: Actor, user: User, notice: Notice, **detail: Any) -> None:
    """Append a line for each tenant of a person, and mail its owners: a sign-in as that person opens their tenant.

    Also where nobody can enter now: what is switched off is switched on again.
    """
    for membership in Membership.objects.filter(user=user).select_related("tenant"):
        audit.record(action, by=by, target=user, tenant_id=membership.tenant_id, **detail)
        tell_owners(notice, by=by, tenant=membership.tenant, person=user)
