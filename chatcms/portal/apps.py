"""Registers the portal, the platform's admin, and which static files are collected."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps
from django.contrib.staticfiles import apps as staticfiles_apps


class PortalConfig(AppConfig):
    """Pages for a tenant's people; no tables."""

    name = "chatcms.portal"
    label = "portal"
    verbose_name = "Portal"


class PlatformAdminConfig(admin_apps.AdminConfig):
    """Django's admin with our site as the one that every app registers with."""

    default = False
    default_site = "chatcms.portal.admin.site.PlatformSite"


class CollectedFilesConfig(staticfiles_apps.StaticFilesConfig):
    """Django's static files without those that no page of ours loads: source maps, and DRF's browsable API."""

    default = False
    ignore_patterns = [*staticfiles_apps.StaticFilesConfig.ignore_patterns, "*.map", "rest_framework"]
