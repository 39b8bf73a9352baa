"""Requests: what they pass, how long they may take, cookies, headers and limits."""

from __future__ import annotations

from csp.constants import NONCE, NONE, SELF

from chatcms.config.environment import BASE_DIR, IS_PRODUCTION, Limits, env, rate_limits
from chatcms.settings.base import DEBUG

ROOT_URLCONF = "chatcms.urls"
ASGI_APPLICATION = "chatcms.asgi.application"
MIDDLEWARE = [
    "chatcms.core.http.middleware.RequestMiddleware",
    "tenants.standing.StreamsEndMiddleware",
    "chatcms.core.http.compression.PageCompressionMiddleware",
    "chatcms.core.pages.language.LanguageMiddleware",
    "tenants.pages.devicecookie.DeviceCookieMiddleware",
    "chatcms.core.http.adminhost.AdminHostMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "chatcms.server.refused.RefusedMiddleware",
    "chatcms.core.pages.nearest.NearestPageMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
# How long a request's head may take to arrive, and how long its body may pause (seconds).
REQUEST_HEAD_SECONDS: float = env.float("REQUEST_HEAD_SECONDS", 10.0)
REQUEST_BODY_SECONDS: float = env.float("REQUEST_BODY_SECONDS", 20.0)
# How long an upload waits for others of the same tenant, and how long a client may take none of its answer (seconds).
UPLOAD_TURN_SECONDS: float = env.float("UPLOAD_TURN_SECONDS", 20.0)
RESPONSE_READ_SECONDS: float = env.float("RESPONSE_READ_SECONDS", 60.0)
# How often it is looked whether the reader of an open stream may still read it. A stream that has nothing to say sends
# a comment this often; both together are the longest that a stream outlives its reader's credential.
STREAM_RECHECK_SECONDS: float = env.float("STREAM_RECHECK_SECONDS", 20.0)
STREAM_HEARTBEAT_SECONDS: float = env.float("STREAM_HEARTBEAT_SECONDS", 12.0)
WEB_THREADS = env.int("WEB_THREADS", 16)
# What the API's handler has instead (`chatcms.core.http.handler`): nothing that needs a thread.
API_MIDDLEWARE = [
    "chatcms.core.http.middleware.RequestMiddleware",
    "tenants.standing.StreamsEndMiddleware",
    "chatcms.core.http.adminhost.AdminHostMiddleware",
    "chatcms.core.http.middleware.ApiHeadersMiddleware",
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
                "chatcms.core.pages.pagecontext.page_context",
            ]
        },
    }
]
# The living style sheet at /styles/: what pages are made of.
STYLE_SHEET = env.bool("STYLE_SHEET", DEBUG)
FORM_RENDERER = "chatcms.core.pages.forms.PartsRenderer"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
# TLS ends at a proxy, whose X-Forwarded-Proto says how the client came. It is read at the door
# (`chatcms.core.http.proxies`) and not by Django, which takes the entry that the client itself may have sent.
# Production speaks TLS unless COOKIE_SECURE=false says that it does not; the rest follows from that.
SPEAKS_TLS = env.bool("COOKIE_SECURE", IS_PRODUCTION)
BEHIND_TLS_PROXY = env.bool("BEHIND_TLS_PROXY", SPEAKS_TLS)
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", SPEAKS_TLS)
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", 30 * 24 * 3600 if SPEAKS_TLS else 0, least=0)
# Hosts below this one, and lists that browsers come with, are the operator's business and not this product's.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SPEAKS_TLS
# Browsers take a cookie of such a name only from this very host, over TLS: no host beside or below it can plant one.
COOKIE_PREFIX = "__Host-" if SPEAKS_TLS else ""
SESSION_COOKIE_HTTPONLY = True
SESSION_ENGINE = "tenants.sessions"
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}chatcms_session"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}chatcms_csrf"
DEVICE_COOKIE_NAME = f"{COOKIE_PREFIX}chatcms_device"
SCHEME_COOKIE_NAME = f"{COOKIE_PREFIX}chatcms_scheme"
CSRF_FAILURE_VIEW = "chatcms.core.pages.errors.csrf_failure"
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
    "x-conversation-id", "x-request-id",
]  # fmt: skip
CORS_EXPOSE_HEADERS = [
    "ETag", "Idempotency-Replayed", "Location", "RateLimit", "RateLimit-Policy", "Retry-After", "X-Conversation-Id",
    "X-Process-Time", "X-Request-ID",
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
