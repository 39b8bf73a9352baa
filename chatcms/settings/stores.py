"""The database and the cache."""

from __future__ import annotations

from redis.backoff import NoBackoff
from redis.retry import Retry

from chatcms.config.environment import database, env, service_url

CHATCMS_PROCESS = env.str("CHATCMS_PROCESS", "command")
DATABASE_URL = service_url("DATABASE_URL", "postgresql://chatcms@localhost/chatcms", "postgresql", "postgres", "pgsql")
DATABASES = {"default": database(DATABASE_URL, pooled=CHATCMS_PROCESS == "web")}
DATABASES["default"]["TEST"] = {"NAME": env.str("TEST_DATABASE_NAME", "test_chatcms")}
# A Valkey that does not answer counts as away after a second: no request waits for it longer.
_CACHE_OPTIONS = {"socket_timeout": 1.0, "socket_connect_timeout": 1.0, "retry": Retry(NoBackoff(), 0)}
REDIS_URL = service_url("REDIS_URL", "redis://localhost:6379/0", "redis", "rediss", "unix")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": _CACHE_OPTIONS,
        "KEY_FUNCTION": "chatcms.core.db.cachekeys.tenant_key",
    },
    "global": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": _CACHE_OPTIONS,
        "KEY_FUNCTION": "chatcms.core.db.cachekeys.global_key",
    },
}
