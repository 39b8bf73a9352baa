"""What every page of a tenant stands on: the visit, the decorator that opens it, lists, navigation."""

from tenants.pages.listing import Listing
from tenants.pages.opening import tenant_page
from tenants.pages.person import Person, account_page
from tenants.pages.visit import Visit

__all__ = ["Listing", "Person", "Visit", "account_page", "tenant_page"]
