"""Tells the owners of a tenant by mail what the platform's staff do to who may come in."""

from __future__ import annotations

from django.conf import settings

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
