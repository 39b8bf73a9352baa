"""What the bots API takes and gives."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer

from bots import public_id
from bots.models import MAX_QUESTION, MAX_QUESTIONS, Bot
from chatcms.core import serializers
from tenants.context import current_tenant_id

_EXAMPLE = {
    "id": "01938d5e-7f60-7c2a-9a3e-1c5b8f0d2e41",
    "public_id": "bot_0NAujofkb5ekRPHXyNUaoSfrPsWYuQOAkrHqOY2YbzN",
    "name": "Help desk",
    "slug": "help-desk",
    "description": "Answers from the product manuals.",
    "tenant_ai_provider_id": None,
    "system_prompt": "You are the help desk of Acme. Be brief.",
    "model": "gpt-3.5-turbo",
    "temperature": 0.7,
    "max_tokens": None,
    "dataset_ids": ["01938d5e-8a10-7bb1-b1f3-52a8c80ff3d7"],
    "welcome_message": "What may I help you with?",
    "suggested_questions": ["How do I reset my password?"],
    "no_evidence": "say_so",
    "no_evidence_message": "",
    "is_active": True,
    "created_at": "2026-05-04T10:20:00Z",
    "updated_at": "2026-05-04T10:20:00Z",
}


@extend_schema_serializer(examples=[OpenApiExample("A bot", response_only=True, value=_EXAMPLE)])
class BotSerializer(serializers.ModelSerializer[Bot]):
    """A bot, as it is shown and as it is set."""

    tenant_ai_provider_id = serializers.UUIDField(
        required=False, allow_null=True, help_text="Null: the tenant's default provider."
    )
    dataset_ids = serializers.ListField(
        child=serializers.UUIDField(), required=False, help_text="The datasets that it answers from."
    )
    suggested_questions = serializers.ListField(
        child=serializers.CharField(max_length=MAX_QUESTION), max_length=MAX_QUESTIONS, required=False
    )

    public_id = serializers.SerializerMethodField(help_text="By this one pages ask for visitor tokens; no secret.")

    class Meta:
        model = Bot
        fields = [
            "id",
            "public_id",
            "name",
            "slug",
            "description",
            "tenant_ai_provider_id",
            "system_prompt",
            "model",
            "temperature",
            "max_tokens",
            "dataset_ids",
            "welcome_message",
            "suggested_questions",
            "no_evidence",
            "no_evidence_message",
            "is_active",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["id", "slug", "created_at", "updated_at"]

    def get_public_id(self, bot: Bot) -> str:
        """Return what names the bot to pages."""
        return public_id.public_id(tenant_id=current_tenant_id(), bot_id=bot.pk)

    def values(self) -> dict[str, Any]:
        """Return what was sent, checked, as the service takes it."""
        self.is_valid(raise_exception=True)
        return dict(self.validated_data)
