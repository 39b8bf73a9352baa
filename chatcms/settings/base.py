"""Switches, secrets, hosts, apps and the log."""

from __future__ import annotations

from chatcms.config.environment import encryption_keys, env, secret
from chatcms.config.secretstrength import DEVELOPMENT_SECRET
from chatcms.core.http.hosts import Hosts

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
# Whether `bootstrap` lets the others start when a tenant's schema could not be migrated.
START_WITH_FAILED_TENANTS = env.bool("START_WITH_FAILED_TENANTS", False)
DEBUG = env.bool("DEBUG", False)
LOG_LEVEL = env.str("LOG_LEVEL", "INFO").upper()
if LOG_LEVEL not in LOG_LEVELS:
    env.complain("LOG_LEVEL", f"{LOG_LEVEL!r} is unknown. Write one of: {', '.join(LOG_LEVELS)}.")
SECRET_KEY = secret("SECRET_KEY", DEVELOPMENT_SECRET)
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])
JWT_SECRET_KEY = secret("JWT_SECRET_KEY", DEVELOPMENT_SECRET + "-jwt", unlike=SECRET_KEY)
KEY_ENCRYPTION_KEYS = encryption_keys("KEY_ENCRYPTION_KEYS")

# Where given, the platform's admin answers at this host only, and nothing else does there.
ADMIN_HOST = env.str("ADMIN_HOST", "").lower()
_OWN_HOSTS = env.hosts("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"])
# The verified domains of tenants are allowed besides, without being named here.
ALLOWED_HOSTS = Hosts([*_OWN_HOSTS, *filter(None, [ADMIN_HOST.partition(":")[0]])])
CSRF_TRUSTED_ORIGINS = env.origins("CSRF_TRUSTED_ORIGINS")

# --- apps: a table is either in public or in each tenant's schema, never in both -----------------------
SHARED_APPS = [
    # Before django_tenants, whose `migrate` and `create_tenant` ours replace.
    "tenants",
    # And this one because django_tenants brings templates for the admin that break the policy on inline styles.
    "chatcms.portal.apps.PlatformAdminConfig",
    "django_tenants",
    "chatcms.jobs",
    "providers.catalog",
    "chatcms.portal",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "chatcms.portal.apps.CollectedFilesConfig",
    "django.forms",
    "rest_framework",
    "corsheaders",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_htmx",
]
TENANT_APPS = ["chatcms.webhooks", "providers", "datasets", "bots", "chat", "chatcms.exports"]
INSTALLED_APPS = [*SHARED_APPS, *TENANT_APPS]
TENANT_MODEL = "tenants.Tenant"
TENANT_DOMAIN_MODEL = "tenants.Domain"
DATABASE_ROUTERS = ["django_tenants.routers.TenantSyncRouter"]
AUTH_USER_MODEL = "tenants.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "chatcms.core.logs.JSONFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "httpx2": {"level": "WARNING"},
        "openai": {"level": "WARNING"},
        "anthropic": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
        # What it warns of, the watch on the database tells once.
        "psycopg.pool": {"level": "ERROR"},
    },
}
