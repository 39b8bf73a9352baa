"""The tables of the public schema that say who is who."""

from tenants.models.audit import AuditEvent
from tenants.models.idempotency import IdempotentRequest
from tenants.models.keys import ApiKey, RefreshToken
from tenants.models.people import Invitation, Membership, User
from tenants.models.settings import TenantSettings
from tenants.models.tenant import Domain, Plan, SchemaVersion, Tenant
from tenants.models.usage import UsageDay

__all__ = [
    "ApiKey",
    "AuditEvent",
    "Domain",
    "IdempotentRequest",
    "Invitation",
    "Membership",
    "Plan",
    "RefreshToken",
    "SchemaVersion",
    "Tenant",
    "TenantSettings",
    "UsageDay",
    "User",
]
