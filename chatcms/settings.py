"""Django's settings, from the environment; production refuses to start on a missing or default secret."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF
from kombu import Exchange, Queue
from redis.backoff import NoBackoff
from redis.retry import Retry

from chatcms.core.hosts import Hosts
from chatcms.environment import (
    BASE_DIR,
    IS_PRODUCTION,
    VAR_DIR,
    Limits,
    celery_broker,
    database,
    dns_resolvers,
    encryption_keys,
    env,
    mail_server,
    private_hosts,
    public_url,
    rate_limits,
    secret,
    service_url,
)
from chatcms.secretstrength import DEVELOPMENT_SECRET

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
_OWN_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]", "testserver"])
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

# --- database, cache, queue --------------------------------------------------------------------------
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
        "KEY_FUNCTION": "chatcms.core.cachekeys.tenant_key",
    },
    "global": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "OPTIONS": _CACHE_OPTIONS,
        "KEY_FUNCTION": "chatcms.core.cachekeys.global_key",
    },
}

CELERY_BROKER_URL = celery_broker(REDIS_URL)
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_QUEUES = [Queue(name, Exchange(name), routing_key=name) for name in ("default", "short")]
# How many jobs of each queue a worker does at once; each queue has one slot more (see `chatcms.jobs.slots`).
JOB_SLOTS = {"default": max(1, min(env.int("WORKER_CONCURRENCY", 2), os.cpu_count() or 1)), "short": 1}
CELERY_WORKER_CONCURRENCY = sum(JOB_SLOTS.values()) + len(JOB_SLOTS)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_MAX_MEMORY_PER_CHILD = env.int("WORKER_MAX_MEMORY_KB", 800_000)
# A child that does not report within this time is killed and forked again; the default of 4 s can repeat for ever on a
# busy machine.
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 60.0
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_TASK_TIME_LIMIT = env.int("TASK_TIME_LIMIT", 1800)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # Whoever sends a hint never waits for a broker that is away; the job is in PostgreSQL.
    "max_retries": 0,
    "visibility_timeout": 3600,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_connect_timeout": 2,
    "socket_timeout": 10,
}
# How long a worker may be silent about a job before another one takes it over (seconds).
JOB_LEASE_SECONDS = env.float("JOB_LEASE_SECONDS", 30.0)
# For how long a long document is worked on before another tenant's job that waits has its turn (seconds).
JOB_SLICE_SECONDS = env.float("JOB_SLICE_SECONDS", 20.0)
# How often the workers look for due jobs that no hint is out for (seconds).
JOB_TICK_SECONDS = env.float("JOB_TICK_SECONDS", 5.0)
CELERY_BEAT_SCHEDULER = "chatcms.jobs.scheduler:Scheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
# A lost hint costs at most one tick: the truth about work is in PostgreSQL, and beat looks there.
CELERY_BEAT_SCHEDULE = {
    "dispatch-due-jobs": {
        "task": "chatcms.jobs.dispatch_due",
        "schedule": JOB_TICK_SECONDS,
        "options": {"expires": JOB_TICK_SECONDS},
    },
    "drop-deleted-tenants": {"task": "chatcms.jobs.drop_deleted_tenants", "schedule": 60.0, "options": {"expires": 60}},
    "forget-old-webhook-events": {"task": "webhooks.forget_old", "schedule": 86_400.0, "options": {"expires": 3600}},
    "forget-idempotent-requests": {
        "task": "chatcms.jobs.forget_idempotent_requests",
        "schedule": 600.0,
        "options": {"expires": 600},
    },
    "forget-ended-sign-ins": {
        "task": "chatcms.jobs.forget_ended_sign_ins",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    "recheck-own-domains": {
        "task": "chatcms.jobs.recheck_own_domains",
        "schedule": 86_400.0,
        "options": {"expires": 3600},
    },
    "remove-old-exports": {"task": "exports.remove_old", "schedule": 3600.0, "options": {"expires": 3600}},
    "sweep-orphan-files": {"task": "datasets.sweep_orphan_files", "schedule": 86_400.0, "options": {"expires": 3600}},
    "end-idle-conversations": {"task": "chat.end_idle", "schedule": 60.0, "options": {"expires": 60}},
    "delete-expired-conversations": {
        "task": "chat.delete_expired",
        "schedule": crontab(hour=3, minute=17),
        "options": {"expires": 3600},
    },
    "roll-up-usage": {"task": "chat.roll_up_usage", "schedule": crontab(minute=7), "options": {"expires": 3000}},
    "forget-keys-of-questions": {"task": "chat.forget_keys", "schedule": 3600.0, "options": {"expires": 3600}},
    "sum-usage-up": {"task": "chat.sum_up", "schedule": 300.0, "options": {"expires": 300}},
    "fail-abandoned-answers": {"task": "chat.fail_abandoned", "schedule": 60.0, "options": {"expires": 60}},
}

# --- requests ----------------------------------------------------------------------------------------
ROOT_URLCONF = "chatcms.urls"
ASGI_APPLICATION = "chatcms.asgi.application"
MIDDLEWARE = [
    "chatcms.core.middleware.RequestMiddleware",
    "tenants.standing.StreamsEndMiddleware",
    "chatcms.core.compression.PageCompressionMiddleware",
    "chatcms.core.language.LanguageMiddleware",
    "tenants.pages.devicecookie.DeviceCookieMiddleware",
    "chatcms.core.adminhost.AdminHostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "chatcms.server.refused.RefusedMiddleware",
    "chatcms.core.nearest.NearestPageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
# How often it is looked whether the reader of an open stream may still read it. A stream that has nothing to say sends
# a comment this often; both together are the longest that a stream outlives its reader's credential.
# How long a request's head may take to arrive, and how long its body may pause (seconds).
REQUEST_HEAD_SECONDS: float = env.float("REQUEST_HEAD_SECONDS", 10.0)
REQUEST_BODY_SECONDS: float = env.float("REQUEST_BODY_SECONDS", 20.0)
STREAM_RECHECK_SECONDS: float = env.float("STREAM_RECHECK_SECONDS", 20.0)
STREAM_HEARTBEAT_SECONDS: float = env.float("STREAM_HEARTBEAT_SECONDS", 12.0)
WEB_THREADS = env.int("WEB_THREADS", 16)
# What the API's handler has instead (`chatcms.core.handler`): nothing that needs a thread.
API_MIDDLEWARE = [
    "chatcms.core.middleware.RequestMiddleware",
    "tenants.standing.StreamsEndMiddleware",
    "chatcms.core.adminhost.AdminHostMiddleware",
    "chatcms.core.middleware.ApiHeadersMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "chatcms.server.refused.RefusedMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "chatcms.core.pagecontext.page_context",
            ]
        },
    }
]
# The living style sheet at /styles/: what pages are made of.
STYLE_SHEET = env.bool("STYLE_SHEET", DEBUG)
FORM_RENDERER = "chatcms.core.forms.PartsRenderer"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
# TLS ends at a proxy, whose X-Forwarded-Proto says how the client came. Read at the door (`chatcms.core.proxies`) and
# not by Django, which takes the entry that the client itself may have sent.
# Production speaks TLS unless COOKIE_SECURE=false says that it does not; the rest follows from that.
SPEAKS_TLS = env.bool("COOKIE_SECURE", IS_PRODUCTION)
BEHIND_TLS_PROXY = env.bool("BEHIND_TLS_PROXY", SPEAKS_TLS)
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", SPEAKS_TLS)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 30 * 24 * 3600 if SPEAKS_TLS else 0, least=0)
# Hosts below this one, and lists that browsers come with, are the operator's business and not this product's.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SPEAKS_TLS
# Browsers take a cookie of such a name only from this very host, over TLS: no host beside or below it can plant one.
_COOKIE_PREFIX = "__Host-" if SPEAKS_TLS else ""
SESSION_COOKIE_HTTPONLY = True
SESSION_ENGINE = "tenants.sessions"
SESSION_COOKIE_NAME = f"{_COOKIE_PREFIX}chatcms_session"
CSRF_COOKIE_NAME = f"{_COOKIE_PREFIX}chatcms_csrf"
DEVICE_COOKIE_NAME = f"{_COOKIE_PREFIX}chatcms_device"
SCHEME_COOKIE_NAME = f"{_COOKIE_PREFIX}chatcms_scheme"
CSRF_FAILURE_VIEW = "chatcms.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
_DEVELOPERS = [] if IS_PRODUCTION else ["http://localhost:3000", "http://localhost:3002"]
CORS_ALLOWED_ORIGINS = env.origins("CORS_ORIGINS", default=_DEVELOPERS)
CORS_URLS_REGEX = r"^/v1/.*$"
CORS_ALLOW_HEADERS = [
    "accept", "authorization", "content-type", "idempotency-key", "if-match", "if-none-match", "last-event-id",
    "x-request-id",
]  # fmt: skip
CORS_EXPOSE_HEADERS = [
    "ETag", "Idempotency-Replayed", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Process-Time",
    "X-Request-ID",
]  # fmt: skip
# How many proxies stand in front, each of which adds the address it was asked from to X-Forwarded-For. The client's is
# that many entries from the right. 0: no header is read, the peer is the client.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 0, least=0, most=20)
# Requests and seconds, each counted in Redis; a plan may give its tenants another limit.
_USUAL_LIMITS: Limits = {"tenant": (30_000, 60), "caller": (12_000, 60), "visitor": (60, 60), "ip": (600, 60)}
RATE_LIMITS = env.checked("RATE_LIMITS", lambda: rate_limits(env.str("RATE_LIMITS"), _USUAL_LIMITS), _USUAL_LIMITS)
# The most that a route without files takes; `chatcms.server.sizes` has the others.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tenants.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["tenants.permissions.DenyUnlessDeclared"],
    "DEFAULT_RENDERER_CLASSES": ["chatcms.core.rendering.FastJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["chatcms.core.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "chatcms.core.pagination.Pages",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "chatcms.core.rendering.Negotiation",
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_SCHEMA_CLASS": "chatcms.core.openapi.RuledSchema",
    "EXCEPTION_HANDLER": "chatcms.core.drf_errors.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Chat AI CMS API",
    "DESCRIPTION": "Multi-tenant chatbots that answer from your documents, with citations.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "chatcms.core.openapi.close_bodies",
        "chatcms.core.openapi.add_components",
        "chatcms.core.openapi_links.add_links",
    ],
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/v1/",
    "ENUM_NAME_OVERRIDES": {
        "MemberRoleEnum": "tenants.enums.Role",
        "InvitationStateEnum": "tenants.enums.InvitationState",
        "MessageRoleEnum": "chat.enums.MessageRole",
        "MessageStatusEnum": "chat.enums.MessageStatus",
        "HandlingEnum": "chat.enums.Handling",
        "RequestReasonEnum": "chat.enums.RequestReason",
        "EventTypeEnum": "chatcms.webhooks.enums.EventType",
        "GrantStateEnum": "tenants.enums.GrantState",
        "GrantRoleEnum": "tenants.enums.GrantRole",
        "ConditionLevelEnum": "chatcms.portal.condition.LEVELS",
        "DeliveryStateEnum": "chatcms.webhooks.enums.DeliveryState",
        "DocumentStateEnum": "datasets.enums.DocumentState",
    },
}
SIMPLE_JWT = {
    "SIGNING_KEY": JWT_SECRET_KEY,
    "ALGORITHM": "HS256",
    "ISSUER": "chatcms",
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=env.int("ACCESS_TOKEN_MINUTES", 10)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=env.int("REFRESH_TOKEN_DAYS", 14)),
}

# --- providers: platform keys are copied to the global providers' rows by `seed_providers`, read nowhere else ----
PLATFORM_PROVIDER_KEYS = {"openai": env.str("OPENAI_API_KEY", ""), "anthropic": env.str("ANTHROPIC_API_KEY", "")}
# --- ways out: private hosts that calls may reach, a list for each purpose, so that none opens what another is for ---
EGRESS_PRIVATE_HOSTS = private_hosts("EGRESS_PRIVATE_HOSTS")
FETCH_PRIVATE_HOSTS = private_hosts("FETCH_PRIVATE_HOSTS")
WEBHOOK_PRIVATE_HOSTS = private_hosts("WEBHOOK_PRIVATE_HOSTS")
DOMAIN_PRIVATE_HOSTS = private_hosts("DOMAIN_PRIVATE_HOSTS")
# The DNS servers that are asked for the records of tenants' domains; none: those of the system.
DNS_RESOLVERS = dns_resolvers("DNS_RESOLVERS")
# So long after a tenant gave a verified domain up no other tenant may verify it.
DOMAIN_REST_DAYS = env.int("DOMAIN_REST_DAYS", 7)
# Seconds to wait for a model's first word, and for each next piece, before its provider counts as failed.
PROVIDER_FIRST_TOKEN_SECONDS = env.int("PROVIDER_FIRST_TOKEN_SECONDS", 30)
PROVIDER_SILENCE_SECONDS = env.int("PROVIDER_SILENCE_SECONDS", 20)
LOCAL_MODEL_DIR = Path(env.str("LOCAL_MODEL_DIR", str(VAR_DIR / "models" / "all-MiniLM-L6-v2")))
# Whether the web process loads the built-in model before it says that it is ready.
LOAD_MODEL_AT_START = env.bool("LOAD_MODEL_AT_START", True)

# --- mail: with EMAIL_URL, links of invitations go by mail only; without, they are shown to whoever invites -----------
MAIL_IS_SET_UP = bool(env.str("EMAIL_URL", ""))
PUBLIC_URL = public_url()
_MAIL = mail_server(env.str("EMAIL_URL", ""))
EMAIL_BACKEND = _MAIL["EMAIL_BACKEND"]
EMAIL_HOST = _MAIL["EMAIL_HOST"] or "localhost"
EMAIL_PORT = _MAIL["EMAIL_PORT"] or 25
EMAIL_HOST_USER = _MAIL["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _MAIL["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = _MAIL.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _MAIL.get("EMAIL_USE_SSL", False)
EMAIL_FILE_PATH = _MAIL["EMAIL_FILE_PATH"] or None
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", "Chat AI CMS <noreply@localhost>")
PASSWORD_RESET_TIMEOUT = 60 * 60

# --- second factors: passkeys belong to one host name and what is below it ---------------------------
PASSKEY_HOST = env.str("PASSKEY_HOST", urlsplit(PUBLIC_URL).hostname or "localhost").lower()
REQUIRE_STAFF_SECOND_FACTOR = env.bool("REQUIRE_STAFF_SECOND_FACTOR", IS_PRODUCTION)

# --- files, words, time ------------------------------------------------------------------------------
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(VAR_DIR / "media")))
MAX_UPLOAD_BYTES = env.int("MAX_UPLOAD_BYTES", 50 * 1024 * 1024, most=2**40)
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Where `collectstatic` has put them, with hashes in their names; without it they are served from the apps' folders.
STATIC_ROOT = env.str("STATIC_ROOT", "") or None
_STATIC_STORAGE = "chatcms.staticstorage.HashedStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": _STATIC_STORAGE if STATIC_ROOT else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("ar", "العربية")]
LANGUAGE_COOKIE_NAME = f"{_COOKIE_PREFIX}chatcms_language"
# An operator's own words, before ours.
LOCALE_PATHS = [*env.list("LOCALE_DIRS", default=[]), BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
LOGIN_URL = "/sign-in/"

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

# Here, since all settings have been read now.
env.refuse()
