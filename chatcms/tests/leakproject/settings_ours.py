"""Settings with this product's parts."""

from chatcms.settings import *  # noqa: F403
from chatcms.settings import API_MIDDLEWARE, INSTALLED_APPS, MIDDLEWARE

LEAK_WAYS = "chatcms.tests.leakproject.ours"
ROOT_URLCONF = "chatcms.tests.leakproject.urls"
INSTALLED_APPS += ["chatcms.tests.leakproject"]
MIDDLEWARE = [*MIDDLEWARE, "chatcms.tests.leakproject.ours.TenantMiddleware"]
API_MIDDLEWARE = [*API_MIDDLEWARE, "chatcms.tests.leakproject.ours.TenantMiddleware"]
