"""What the views of OpenAI's protocol share: how they answer errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rest_framework.response import Response

from chat.turns.api.openai.errors import exception_handler
from tenants.api_base import TenantAPIView


class OpenAIErrors(TenantAPIView):
    """A view whose errors have OpenAI's shape, and which bears with parameters that only OpenAI knows."""

    strict = False

    def get_exception_handler(self) -> Callable[[Exception, dict[str, Any]], Response | None]:
        """Return the handler that speaks OpenAI."""
        return exception_handler
