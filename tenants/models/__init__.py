"""The tables of the public schema that say who is who."""

from tenants.models.audit import AuditEvent
from tenants.models.factors import RecoveryCode, SecondFactor
from tenants.models.grants import AccessGrant
from tenants.models.idempotency import IdempotentRequest
from tenants.models.keys import ApiKey, RefreshToken
from tenants.models.logo import TenantLogo
from tenants.models.mail import Mail
from tenants.models.people import Invitation, Membership, User
from tenants.models.requests import MemberRequest
from tenants.models.seeding import Seed
from tenants.models.sessions import BrowserSession
from tenants.models.settings import TenantSettings
from tenants.models.tenant import Domain, Plan, RestingDomain, SchemaVersion, Tenant
from tenants.models.usage import UsageDay

__all__ = [
    "AccessGrant",
    "ApiKey",
    "AuditEvent",
    "BrowserSession",
    "Domain",
    "IdempotentRequest",
    "Invitation",
    "Mail",
    "MemberRequest",
    "Membership",
    "Plan",
    "RecoveryCode",
    "RefreshToken",
    "RestingDomain",
    "SchemaVersion",
    "SecondFactor",
    "Seed",
    "Tenant",
    "TenantLogo",
    "TenantSettings",
    "UsageDay",
    "User",
]
