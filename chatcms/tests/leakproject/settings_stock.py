"""Settings with django-tenants' parts."""

from chatcms.settings import *  # noqa: F403
from chatcms.settings import CACHES, DATABASES, INSTALLED_APPS

LEAK_WAYS = "chatcms.tests.leakproject.stock"
ROOT_URLCONF = "chatcms.tests.leakproject.urls"
INSTALLED_APPS += ["chatcms.tests.leakproject"]
TENANT_APPS = ["chatcms.tests.leakproject"]
MIDDLEWARE = ["chatcms.tests.leakproject.stock.TenantMiddleware"]
DATABASES["default"]["ENGINE"] = "django_tenants.postgresql_backend"
CACHES["default"]["KEY_FUNCTION"] = "django_tenants.cache.make_key"
