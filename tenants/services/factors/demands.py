"""Who asks whom for a second factor: a tenant its members, the platform its staff."""

from __future__ import annotations

from django.conf import settings

from chatcms.core.errortext import ErrorText
from tenants.exceptions import SecondFactorDemandedError
from tenants.models import Membership, Tenant, TenantSettings, User
from tenants.selectors import factors_of

PAGE = "/account/second-factors/"


def has_one(user: User) -> bool:
    """Say whether `user` has a second factor, so that every sign-in of theirs asks for it."""
    return factors_of(user).exists()


def who_demands(user: User) -> str:
    """Return the name of a tenant, or of the platform, that asks `user` for a second factor; "" when none does."""
    if user.is_staff and settings.REQUIRE_STAFF_SECOND_FACTOR:
        return "The platform"
    asking = Membership.objects.live().filter(user=user, tenant__settings__require_second_factor=True)
    return asking.order_by("tenant__name").values_list("tenant__name", flat=True).first() or ""


def check_member(*, user: User, tenant: Tenant) -> None:
    """Raise `SecondFactorDemandedError` when the tenant asks for a second factor and `user` has none."""
    asks = TenantSettings.objects.filter(tenant_id=tenant.pk, require_second_factor=True)
    if asks.exists() and not has_one(user):
        raise SecondFactorDemandedError(
            ErrorText(
                "%(tenant_name)s asks its members for a second factor. Add one at %(page)s, then sign in again.",
                tenant_name=tenant.name,
                page=page(),
            )
        )


def check_staff(*, user: User) -> None:
    """Raise `SecondFactorDemandedError` when the platform asks its staff for a second factor and `user` has none."""
    if settings.REQUIRE_STAFF_SECOND_FACTOR and not has_one(user):
        raise SecondFactorDemandedError(
            ErrorText(
                "The platform asks its staff for a second factor. Add one at %(page)s, then sign in again.", page=page()
            )
        )


def page() -> str:
    """Return the address at which people add a second factor."""
    return f"{settings.PUBLIC_URL}{PAGE}"
