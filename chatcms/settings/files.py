"""Files, words and time."""

from __future__ import annotations

from pathlib import Path

from chatcms.config.environment import BASE_DIR, VAR_DIR, env
from chatcms.settings.web import COOKIE_PREFIX

MEDIA_ROOT = Path(env.str("MEDIA_ROOT", str(VAR_DIR / "media")))
MAX_UPLOAD_BYTES = env.int("MAX_UPLOAD_BYTES", 50 * 1024 * 1024, most=2**40)
STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
# Where `collectstatic` has put them, with hashes in their names; without it they are served from the apps' folders.
STATIC_ROOT = env.str("STATIC_ROOT", "") or None
_STATIC_STORAGE = "chatcms.statics.storage.HashedStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": _STATIC_STORAGE if STATIC_ROOT else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch"), ("ar", "العربية")]
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}chatcms_language"
# An operator's own words, before ours.
LOCALE_PATHS = [*env.list("LOCALE_DIRS", default=[]), BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
