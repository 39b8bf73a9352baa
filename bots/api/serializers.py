"""What the bots API takes and gives."""

from __future__ import annotations

from typing import Any, cast

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer

from bots import origins, public_id
from bots.api.look import LOOK_EXAMPLE, LookSerializer
from bots.models import (
    MAX_DAILY_QUESTIONS,
    MAX_FALLBACKS,
    MAX_ORIGINS,
    MAX_PROMPT,
    MAX_QUESTION,
    MAX_QUESTIONS,
    MAX_VARIANTS,
    Bot,
    CuratedAnswer,
)
from bots.notices import known_providers, notices_of
from bots.services.curated import MAX_QUESTION as MAX_CURATED_QUESTION
from bots.services.settings import MAX_DATASETS, MAX_MODEL
from chatcms.core.api import serializers
from tenants.context import current_tenant_id

_PROVIDER_NAMES = ("provider_id", "tenant_ai_provider_id")

SETTINGS_EXAMPLE = {
    "name": "Help desk",
    "description": "Answers from the product manuals.",
    "provider_id": "01938d5e-9a20-7c3d-8e4f-5a6b7c8d9e0f",
    "system_prompt": "You are the help desk of Acme. Be brief.",
    "model": "gpt-3.5-turbo",
    "temperature": 0.2,
    "max_tokens": None,
    "passages": 8,
    "dataset_ids": ["01938d5e-8a10-7bb1-b1f3-52a8c80ff3d7"],
    "fallbacks": [{"provider_id": "01938d5e-9a20-7c3d-8e4f-5a6b7c8d9e0f", "model": "gpt-4o-mini"}],
    "welcome_message": "What may I help you with?",
    "suggested_questions": ["How do I reset my password?"],
    "no_evidence": "say_so",
    "no_evidence_message": "",
    "look": LOOK_EXAMPLE,
}

BOT_EXAMPLE = {
    "id": "01938d5e-7f60-7c2a-9a3e-1c5b8f0d2e41",
    "public_id": "bot_0NAujofkb5ekRPHXyNUaoSfrPsWYuQOAkrHqOY2YbzN",
    "slug": "help-desk",
    **SETTINGS_EXAMPLE,
    "allowed_origins": ["https://shop.example"],
    "require_identity": False,
    "hosted_page": False,
    "daily_visitor_questions": 2000,
    "is_active": True,
    "version": 3,
    "has_draft": False,
    "warnings": [],
    "archived_at": None,
    "created_at": "2026-05-04T10:20:00Z",
    "updated_at": "2026-05-04T10:20:00Z",
}


CURATED_EXAMPLE = {
    "id": "01938d5e-9b20-7d3f-8c5e-0f1a2b3c4d5e",
    "bot_id": "01938d5e-7f60-7c2a-9a3e-1c5b8f0d2e41",
    "answer": "We are open from nine to five, Monday to Friday.",
    "questions": ["When are you open?", "Opening hours"],
    "is_active": True,
    "hit_count": 12,
    "created_at": "2026-05-04T10:20:00Z",
    "updated_at": "2026-05-04T10:20:00Z",
}


class FallbackSerializer(serializers.Serializer[Any]):
    """A model to ask when those before it fail before their first word."""

    provider_id = serializers.UUIDField(
        required=False, allow_null=True, default=None, help_text="Without one: as for the bot itself."
    )
    model = serializers.CharField(
        max_length=MAX_MODEL, help_text="The model to ask when those before it fail, by its id at the provider."
    )


class BotQuery(serializers.Serializer[Any]):
    """Narrows down bots."""

    search = serializers.CharField(max_length=200, required=False, help_text="Part of name, slug or description.")
    is_active = serializers.BooleanField(
        required=False, help_text="Only those that are switched on, or only those that are off."
    )
    archived = serializers.BooleanField(
        required=False, default=False, help_text="`true`: the archived bots instead of those in use."
    )
    provider_id = serializers.UUIDField(required=False, help_text="Those that name it, also as a fallback.")
    dataset_id = serializers.UUIDField(required=False, help_text="Those that answer from it.")


@extend_schema_serializer(deprecate_fields=["tenant_ai_provider_id"])
class SettingsSerializer(serializers.ModelSerializer[Bot]):
    """What comes in versions: of a bot, or as it was kept in one."""

    provider_id = serializers.UUIDField(
        source="tenant_ai_provider_id",
        required=False,
        allow_null=True,
        help_text=(
            "The provider that it runs on. A new bot without one gets the tenant's default provider, or the built-in "
            "one for the model `local`, and keeps it. Null in a change: whichever is the tenant's default."
        ),
    )
    tenant_ai_provider_id = serializers.UUIDField(
        required=False,
        allow_null=True,
        write_only=True,
        help_text="The former name of `provider_id`, which is still understood.",
    )
    dataset_ids = serializers.ListField(
        child=serializers.UUIDField(),
        max_length=MAX_DATASETS,
        required=False,
        help_text="The datasets that it answers from.",
    )
    fallbacks = serializers.ListField(
        child=FallbackSerializer(),
        max_length=MAX_FALLBACKS,
        required=False,
        help_text="Asked in turn when the model fails before its first word.",
    )
    suggested_questions = serializers.ListField(
        child=serializers.CharField(max_length=MAX_QUESTION),
        max_length=MAX_QUESTIONS,
        required=False,
        help_text="Questions that a visitor may begin with by a click.",
    )
    look = LookSerializer(
        required=False, help_text="How its widget and hosted page appear. What is left out stays as it is."
    )

    class Meta:
        model = Bot
        fields = [
            "name",
            "description",
            "provider_id",
            "tenant_ai_provider_id",
            "system_prompt",
            "model",
            "temperature",
            "max_tokens",
            "passages",
            "dataset_ids",
            "fallbacks",
            "welcome_message",
            "suggested_questions",
            "no_evidence",
            "no_evidence_message",
            "look",
        ]
        help_texts = {
            "description": "What the bot is for; shown to people who choose among bots, and never sent to a model.",
            "max_tokens": "The longest answer in tokens; null leaves that to the model.",
            "model": "The chat model that is asked first, by its id at the provider.",
            "name": "What it is called, to visitors too.",
            "no_evidence": "What it does when its documents hold nothing on a question.",
            "no_evidence_message": "What it says then; empty: a sentence of the product's.",
            "passages": "How many passages of its documents the model is given at most.",
            "system_prompt": "The instructions that go before each question. Visitors are never shown them.",
            "temperature": "How freely the model chooses its words, from 0, always the likeliest, to 2.",
            "welcome_message": "What the widget says before the first question; empty: nothing.",
        }

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse two names of one thing that say different things."""
        named = {name: self.initial_data[name] for name in _PROVIDER_NAMES if name in self.initial_data}
        if len({str(value).lower() for value in named.values()}) > 1:
            raise serializers.unacceptable(
                tenant_ai_provider_id="This is the former name of `provider_id`, which says otherwise. Send that one."
            )
        return attrs

    def values(self) -> dict[str, Any]:
        """Return what was sent, checked, as the service takes it."""
        self.is_valid(raise_exception=True)
        return dict(self.validated_data)


class NoticeSerializer(serializers.Serializer[Any]):
    """What may be a mistake in a bot's settings, though it is acceptable."""

    pointer = serializers.CharField(help_text="A JSON pointer to the setting.")
    code = serializers.CharField(help_text="`model_not_listed`: its provider lists no such model.")
    detail = serializers.CharField(help_text="What it means, in a sentence.")


@extend_schema_serializer(examples=[OpenApiExample("A bot", response_only=True, value=BOT_EXAMPLE)])
class BotSerializer(SettingsSerializer):
    """A bot as it is published, and as it is set."""

    allowed_origins = serializers.ListField(
        child=serializers.CharField(max_length=origins.MAX_LENGTH),
        max_length=MAX_ORIGINS,
        required=False,
        help_text=(
            "The pages that may show it, as `https://shop.example`, or `https://*.shop.example` for every name below; "
            "plain http for localhost only. None: no page may. Holds at once, whatever the version."
        ),
    )
    require_identity = serializers.BooleanField(
        required=False, help_text="Whether only visitors whom the tenant vouches for may talk to it."
    )
    hosted_page = serializers.BooleanField(
        required=False, help_text="Whether it also has a page of its own here: `/chat/{public_id}`, open to everybody."
    )
    daily_visitor_questions = serializers.IntegerField(
        required=False,
        allow_null=True,
        min_value=1,
        max_value=MAX_DAILY_QUESTIONS,
        help_text="How many questions all visitors together may ask it in a day (UTC). Null: no limit.",
    )
    public_id = serializers.SerializerMethodField(help_text="By this one pages ask for visitor tokens; no secret.")
    version = serializers.IntegerField(read_only=True, help_text="The number of the version that is published.")
    has_draft = serializers.BooleanField(read_only=True, help_text="Whether changes wait to be published.")
    warnings = serializers.SerializerMethodField(
        help_text="What may be a mistake in what is published, though it is acceptable."
    )

    class Meta:
        model = Bot
        fields = [
            "id",
            "public_id",
            "slug",
            *SettingsSerializer.Meta.fields,
            "allowed_origins",
            "require_identity",
            "hosted_page",
            "daily_visitor_questions",
            "is_active",
            "version",
            "has_draft",
            "warnings",
            "archived_at",
            "created_at",
            "updated_at",
        ]
        read_only_fields = ["id", "slug", "archived_at", "created_at", "updated_at"]
        help_texts = {
            "archived_at": "When it was archived; null while it is in use.",
            "is_active": "Whether it answers; one that is switched off cannot be talked to.",
            "slug": "Its name in addresses and, as `model`, in the OpenAI-compatible API; given once and kept.",
        }

    def get_public_id(self, bot: Bot) -> str:
        """Return what names the bot to pages."""
        return public_id.public_id(tenant_id=current_tenant_id(), bot_id=bot.pk)

    @extend_schema_field(NoticeSerializer(many=True))
    def get_warnings(self, bot: Bot) -> Any:
        """Return what may be a mistake; the tenant's providers are read once for a list."""
        context = cast(dict[str, Any], self.context)
        if "providers" not in context:
            context["providers"] = known_providers()
        settings = {name: getattr(bot, name) for name in ("model", "tenant_ai_provider_id", "fallbacks")}
        return NoticeSerializer(notices_of(settings, context["providers"]), many=True).data


class DuplicateSerializer(serializers.Serializer[Any]):
    """How to call the copy."""

    name = serializers.CharField(max_length=255, required=False, help_text="Else the same name with “(copy)”.")


class CuratedQuery(serializers.Serializer[Any]):
    """Narrows down curated answers."""

    search = serializers.CharField(max_length=200, required=False, help_text="Part of the answer or a question.")
    is_active = serializers.BooleanField(
        required=False, help_text="Only those that are given, or only those that are switched off."
    )


class NewCuratedAnswerSerializer(serializers.Serializer[Any]):
    """An answer, and the questions that it is given to as it is."""

    answer = serializers.CharField(max_length=MAX_PROMPT, help_text="The answer as it is to be given, in Markdown.")
    questions = serializers.ListField(
        child=serializers.CharField(max_length=MAX_CURATED_QUESTION),
        allow_empty=False,
        max_length=MAX_VARIANTS,
        help_text="Ways of asking it. Case, accents and punctuation do not matter.",
    )
    is_active = serializers.BooleanField(required=False, help_text="Whether it is given from now on.")

    def values(self) -> dict[str, Any]:
        """Return what was sent, checked, as the service takes it."""
        self.is_valid(raise_exception=True)
        return dict(self.validated_data)


@extend_schema_serializer(examples=[OpenApiExample("An answer", response_only=True, value=CURATED_EXAMPLE)])
class CuratedAnswerSerializer(serializers.ModelSerializer[CuratedAnswer]):
    """A curated answer."""

    questions = serializers.SerializerMethodField(help_text="Ways of asking it, in their order.")
    hit_count = serializers.IntegerField(read_only=True, help_text="How often it was given.")

    class Meta:
        model = CuratedAnswer
        fields = ["id", "bot_id", "answer", "questions", "is_active", "hit_count", "created_at", "updated_at"]
        read_only_fields = fields
        help_texts = {
            "answer": "The answer as it is given, in Markdown.",
            "bot_id": "The bot that gives it.",
            "is_active": "Whether it is given; one that is switched off is kept and not looked for.",
        }

    def get_questions(self, answer: CuratedAnswer) -> list[str]:
        """Return the texts, in their order."""
        return [question.text for question in answer.questions.all()]
