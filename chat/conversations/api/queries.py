"""What a caller's own conversations can be narrowed down to, checked."""

from __future__ import annotations

from typing import Any

from rest_framework.request import Request

from chatcms.core.api import serializers

MAX_SEARCH = 200


class Query(serializers.Serializer[Any]):
    """What a list is narrowed down to."""

    since = serializers.DateTimeField(required=False, help_text="From this moment on (ISO 8601).")

    @classmethod
    def asked(cls, request: Request) -> dict[str, Any]:
        """Return the checked query of a request."""
        return serializers.checked_query(cls, request)


class OwnConversationQuery(Query):
    """Narrows down the caller's own conversations."""

    bot = serializers.CharField(max_length=80, required=False, help_text="A bot's id or slug.")
    search = serializers.CharField(
        max_length=MAX_SEARCH, required=False, help_text="Words of one message, or how they begin."
    )
