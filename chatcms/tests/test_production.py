"""Tests of the settings that production has by itself, with TLS and without, in processes of their own."""

from __future__ import annotations

import base64
import json
import os
import secrets
import subprocess
import sys
from typing import Any

import pytest
from django.test import Client

from chatcms.config.environment import BASE_DIR

SHOWN = (
    "SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "LANGUAGE_COOKIE_NAME", "DEVICE_COOKIE_NAME", "SCHEME_COOKIE_NAME",
    "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "CORS_ALLOWED_ORIGINS",
)  # fmt: skip


def manage(*argv: str, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run `manage.py` in production, with nothing set but what it must have."""
    needed = {
        "ENVIRONMENT": "production",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "JWT_SECRET_KEY": secrets.token_urlsafe(48),
        "KEY_ENCRYPTION_KEYS": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
        "REDIS_URL": "redis://127.0.0.1:1/0",
        "ALLOWED_HOSTS": "chat.example.com",
        "PUBLIC_URL": "https://chat.example.com",
    }
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "CHATCMS_VAR") if name in os.environ}
    argv = (sys.executable, "manage.py", *argv)
    env = {**kept, **needed, **extra}
    return subprocess.run(argv, cwd=BASE_DIR, env=env, capture_output=True, text=True, timeout=120, check=False)


def settings_of(**extra: str) -> dict[str, Any]:
    code = (
        f"import json; from django.conf import settings as s; print(json.dumps({{n: getattr(s, n) for n in {SHOWN}}}))"
    )
    done = manage("shell", "--no-imports", "-c", code, **extra)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout.splitlines()[-1]))


def test_djangos_check_of_a_deployment_has_nothing_to_say() -> None:
    done = manage("check", "--deploy", "--fail-level", "WARNING")

    assert done.returncode == 0, done.stdout + done.stderr


def test_production_speaks_tls_by_itself() -> None:
    shown = settings_of()

    assert all(str(shown[name]).startswith("__Host-") for name in shown if name.endswith("_NAME"))
    assert (shown["SESSION_COOKIE_SECURE"], shown["CSRF_COOKIE_SECURE"], shown["SECURE_SSL_REDIRECT"]) == (True,) * 3
    assert shown["SECURE_HSTS_SECONDS"] > 0
    assert shown["CORS_ALLOWED_ORIGINS"] == []


def test_a_proxy_without_tls_needs_one_setting() -> None:
    shown = settings_of(COOKIE_SECURE="false")

    assert not any("__Host-" in str(value) for value in shown.values())
    assert not any(shown[name] for name in ("SESSION_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS"))


@pytest.mark.parametrize("path", ["/v1/docs", "/v1/redoc", "/sign-in/", "/t/acme/", "/no-such-page/"])
def test_every_page_has_a_policy(acme: object, path: str) -> None:
    policy = Client(headers={"Accept": "text/html"}).get(path, follow=True)["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "'unsafe-inline'" not in policy.partition("script-src")[2].partition(";")[0]
