"""The tenant's conversations as a file."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponseBase
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request

from chat.inbox.api.queries import ConversationQuery
from chat.inbox.files import exported_file
from chat.inbox.selectors import ConversationFilter
from chatcms.core.api import serializers
from chatcms.core.api.openapi import problems
from tenants.api_base import TenantAPIView
from tenants.permissions import Capability

_ABOUT = """\
With `file_format=jsonl` (as usual) one JSON document a line for each conversation, with its `messages`; with `csv` one
line for each message, and a line of headings first; with `txt` transcripts to be read. The first begun comes first. The
file is made while it is read: a break in it shows by the connection's end, not by the status.
"""


class ExportQuery(ConversationQuery):
    """Narrows down what is exported, and says how."""

    file_format = serializers.ChoiceField(
        choices=["jsonl", "csv", "txt"], default="jsonl", help_text="The form of the file."
    )


class ExportView(TenantAPIView):
    """All conversations of the tenant, in one file."""

    capabilities: ClassVar = {"GET": Capability.CONVERSATIONS_READ}
    pagination_class = None

    @extend_schema(
        operation_id="conversations_export",
        tags=["inbox"],
        summary="Export conversations",
        description=_ABOUT,
        parameters=[ExportQuery],
        responses={
            (200, "application/jsonl"): OpenApiResponse(str, description="A conversation a line."),
            (200, "text/csv"): OpenApiResponse(str, description="A message a line."),
            (200, "text/plain"): OpenApiResponse(str, description="Transcripts to be read."),
            **problems(400, 401, 403),
        },
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Give the conversations that fit, with their messages."""
        asked = ExportQuery.asked(request)
        ending = asked.pop("file_format")
        where = ConversationFilter(**asked)
        return exported_file(by=self.actor, tenant=self.tenant, where=where, file_format=ending)
