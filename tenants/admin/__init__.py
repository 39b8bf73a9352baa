"""The platform staff's face of tenants and people; every act is a use-case of the services."""

from tenants.admin import audit, credentials, grants, mail, people, tenant

__all__ = ["audit", "credentials", "grants", "mail", "people", "tenant"]
