"""The sign-ins of browsers, each with its person, so that people can see and end them."""

from __future__ import annotations

from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

from tenants.models.people import User


class BrowserSession(AbstractBaseSession):
    """One browser's session; until somebody signs in, it has no `user`.

    `session_key` is a hash of what the browser's cookie says: whoever reads the row cannot sign in with it.
    """

    session_key = models.CharField(max_length=64, primary_key=True)

    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="browser_sessions")
    address = models.CharField(max_length=64, blank=True, default="", db_default="")
    browser = models.CharField(max_length=300, blank=True, default="", db_default="")
    signed_in_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)

    class Meta(AbstractBaseSession.Meta):
        db_table = "browser_sessions"
