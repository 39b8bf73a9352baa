"""How people sign in."""

from __future__ import annotations

from urllib.parse import urlsplit

from chatcms.config.environment import IS_PRODUCTION, env
from chatcms.settings.outside import PUBLIC_URL

LOGIN_URL = "/sign-in/"
PASSWORD_RESET_TIMEOUT = 60 * 60
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
# Passkeys belong to one host name and what is below it.
PASSKEY_HOST = env.str("PASSKEY_HOST", urlsplit(PUBLIC_URL).hostname or "localhost").lower()
REQUIRE_STAFF_SECOND_FACTOR = env.bool("REQUIRE_STAFF_SECOND_FACTOR", IS_PRODUCTION)
