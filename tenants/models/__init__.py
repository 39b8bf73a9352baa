"""The tables of the public schema that say who is who."""

from tenants.models.audit import AuditEvent
from tenants.models.keys import ApiKey, RefreshToken
from tenants.models.people import Invitation, Membership, User
from tenants.models.tenant import Domain, Plan, SchemaVersion, Tenant

__all__ = [
    "ApiKey",
    "AuditEvent",
    "Domain",
    "Invitation",
    "Membership",
    "Plan",
    "RefreshToken",
    "SchemaVersion",
    "Tenant",
    "User",
]
