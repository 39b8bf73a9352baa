"""Registers the portal, and the platform's admin."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class PortalConfig(AppConfig):
    """Pages for a tenant's people; no tables."""

    name = "chatcms.portal"
    label = "portal"
    verbose_name = "Portal"


class PlatformAdminConfig(admin_apps.AdminConfig):
    """Django's admin with our site as the one that every app registers with."""

    default = False
    default_site = "chatcms.portal.admin.site.PlatformSite"
