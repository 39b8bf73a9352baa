"""What every tenant API view shares: the caller, the tenant, and the capability table."""

from __future__ import annotations

from typing import Any, ClassVar

from rest_framework.generics import GenericAPIView

from tenants.models import Tenant
from tenants.permissions import Capability
from tenants.types import Actor


class TenantAPIView(GenericAPIView[Any]):
    """A view of one tenant's things; subclasses name the capability of each method."""

    capabilities: ClassVar[dict[str, Capability]] = {}

    @property
    def actor(self) -> Actor:
        """Who is calling."""
        principal: Any = self.request.user
        return principal.actor  # type: ignore[no-any-return]

    @property
    def tenant(self) -> Tenant:
        """The tenant that the credential named."""
        principal: Any = self.request.user
        return principal.tenant  # type: ignore[no-any-return]
