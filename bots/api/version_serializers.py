"""What the routes of drafts, versions, templates and sightings take and give."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer

from bots.api.serializers import SETTINGS_EXAMPLE, NoticeSerializer, SettingsSerializer
from bots.differences import Difference
from bots.history import PUBLISHED, Draft
from bots.models import MAX_NOTE, Bot, BotSighting, BotVersion
from bots.notices import known_providers, notices_of
from bots.versioned import NAMES, PUBLIC_NAMES
from chatcms.core.api import serializers

_STATE = r"^(draft|published|[1-9][0-9]{0,8})$"
VERSION_EXAMPLE = {
    "number": 3,
    "note": "Shorter answers",
    "published_at": "2026-05-04T10:20:00Z",
    "published_by": "01938d5e-1a2b-7c3d-8e4f-5a6b7c8d9e0f",
    "published_by_label": "ada@acme.example",
    "is_published": True,
}
DRAFT_EXAMPLE = {
    "settings": {**SETTINGS_EXAMPLE, "temperature": 0.1},
    "changed": ["temperature"],
    "warnings": [],
    "edited_by": "01938d5e-1a2b-7c3d-8e4f-5a6b7c8d9e0f",
    "edited_by_label": "ada@acme.example",
    "edited_at": "2026-05-04T11:00:00Z",
}
DIFFERENCES_EXAMPLE = {
    "differences": [
        {"field": "temperature", "before": 0.2, "after": 0.1, "lines": []},
        {
            "field": "system_prompt",
            "before": "You are the help desk of Acme.\nBe friendly.",
            "after": "You are the help desk of Acme.\nBe brief.",
            "lines": [
                {"kind": "same", "text": "You are the help desk of Acme.", "count": 1},
                {"kind": "removed", "text": "Be friendly.", "count": 1},
                {"kind": "added", "text": "Be brief.", "count": 1},
            ],
        },
    ]
}


class NoteSerializer(serializers.Serializer[Any]):
    """What a version is about."""

    note = serializers.CharField(
        max_length=MAX_NOTE, required=False, allow_blank=True, help_text="For whoever reads the list of versions."
    )


@extend_schema_serializer(examples=[OpenApiExample("A draft", response_only=True, value=DRAFT_EXAMPLE)])
class DraftSerializer(serializers.Serializer[Draft]):
    """What is being worked on; without changes the same as what is published."""

    settings = SettingsSerializer(
        help_text="The bot's settings with the changes of the draft, as publishing would make them."
    )
    changed = serializers.ListField(
        source="changed_said",
        child=serializers.ChoiceField(choices=[PUBLIC_NAMES.get(name, name) for name in NAMES]),
        help_text="The settings that differ from what is published.",
    )
    warnings = serializers.SerializerMethodField(
        help_text="What may be a mistake in the settings, though it is acceptable."
    )
    edited_by = serializers.UUIDField(
        allow_null=True, help_text="The user or key that changed it last; null when nobody did, or the product itself."
    )
    edited_by_label = serializers.CharField(allow_blank=True, help_text="What whoever changed it was called then.")
    edited_at = serializers.DateTimeField(
        allow_null=True, help_text="When the draft was last changed; null when there is none."
    )

    @extend_schema_field(NoticeSerializer(many=True))
    def get_warnings(self, draft: Draft) -> Any:
        """Return what may be a mistake."""
        return NoticeSerializer(notices_of(draft.settings, known_providers()), many=True).data


@extend_schema_serializer(
    examples=[OpenApiExample("A draft", response_only=True, value={**DRAFT_EXAMPLE, "gone": ["/dataset_ids/1"]})]
)
class RestoredSerializer(DraftSerializer):
    """A draft that was made from an earlier version."""

    gone = serializers.ListField(
        child=serializers.CharField(),
        help_text="Pointers into that version's settings: datasets and providers that are gone, and were left out.",
    )


@extend_schema_serializer(examples=[OpenApiExample("A version", response_only=True, value=VERSION_EXAMPLE)])
class VersionSerializer(serializers.ModelSerializer[BotVersion]):
    """What was published once; the context's `bot` is the bot."""

    is_published = serializers.SerializerMethodField(help_text="Whether it is the one that answers now.")

    class Meta:
        model = BotVersion
        fields = ["number", "note", "published_at", "published_by", "published_by_label", "is_published"]
        read_only_fields = fields
        help_texts = {
            "note": "What whoever published it noted; empty if nothing.",
            "number": "Its number among the bot's versions; the first one is 1.",
            "published_at": "When it was published.",
            "published_by": "The user or key that published it; null when the product did, or nobody knows any more.",
            "published_by_label": "What whoever published it was called then.",
        }

    def get_is_published(self, version: BotVersion) -> bool:
        """Say whether this is the bot's present version."""
        bot: Bot = self.context["bot"]
        return version.number == bot.version


@extend_schema_serializer(
    examples=[OpenApiExample("A version", response_only=True, value={**VERSION_EXAMPLE, "settings": SETTINGS_EXAMPLE})]
)
class WholeVersionSerializer(VersionSerializer):
    """A version with its settings."""

    settings = SettingsSerializer(read_only=True, help_text="The settings as they were published; they never change.")

    class Meta(VersionSerializer.Meta):
        fields = [*VersionSerializer.Meta.fields, "settings"]
        read_only_fields = fields


class DifferenceQuery(serializers.Serializer[Any]):
    """Which two states to compare."""

    before = serializers.RegexField(
        _STATE, required=False, default=PUBLISHED, help_text="`draft`, `published`, or the number of a version."
    )
    after = serializers.RegexField(
        _STATE, required=False, default="draft", help_text="`draft`, `published`, or the number of a version."
    )


class LineSerializer(serializers.Serializer[Any]):
    """A line of a text, or an item of a list."""

    kind = serializers.ChoiceField(
        choices=["same", "removed", "added", "left_out"], help_text="`left_out`: `count` lines that stayed."
    )
    text = serializers.CharField(allow_blank=True, help_text="The line; empty where lines are left out.")
    count = serializers.IntegerField(help_text="How many lines are left out here; 0 for a line that is shown.")


class DifferenceSerializer(serializers.Serializer[Difference]):
    """One setting that differs."""

    field = serializers.SerializerMethodField(help_text="The setting's name; parts of the look as `look.accent`.")
    before = serializers.SerializerMethodField(help_text="Its value before; null if it had none.")
    after = serializers.SerializerMethodField(help_text="Its value after; null if it has none.")
    lines = LineSerializer(many=True, help_text="How long texts and lists differ, line by line.")

    def get_field(self, difference: Difference) -> str:
        """Return the name that the API has for it."""
        return PUBLIC_NAMES.get(difference.field, difference.field)

    @extend_schema_field({})
    def get_before(self, difference: Difference) -> Any:
        """Return the old value."""
        return difference.before

    @extend_schema_field({})
    def get_after(self, difference: Difference) -> Any:
        """Return the new value."""
        return difference.after


@extend_schema_serializer(examples=[OpenApiExample("Two", response_only=True, value=DIFFERENCES_EXAMPLE)])
class SettingDifferencesSerializer(serializers.Serializer[Any]):
    """How two states of a bot differ."""

    differences = DifferenceSerializer(
        many=True, help_text="The settings that differ, each with what it was and what it is; empty when all are alike."
    )


class TemplateSettingsSerializer(serializers.Serializer[Any]):
    """What a template sets."""

    system_prompt = serializers.CharField(allow_blank=True, help_text="The instructions that such a bot begins with.")
    temperature = serializers.FloatField(help_text="How freely the model chooses its words, from 0 to 2.")
    no_evidence = serializers.CharField(
        help_text=(
            "What such a bot does when its documents hold nothing on a question: a value of the setting of that name."
        )
    )
    welcome_message = serializers.CharField(
        allow_blank=True, help_text="What such a bot says before the first question."
    )
    suggested_questions = serializers.ListField(
        child=serializers.CharField(), help_text="Questions that a visitor may begin with."
    )


class BotTemplateSerializer(serializers.Serializer[Any]):
    """What a new bot can begin from."""

    key = serializers.CharField(help_text="What to send as `template` to make a bot of it.")
    name = serializers.CharField(help_text="What it is called.")
    about = serializers.CharField(help_text="What kind of bot it makes, in a sentence.")
    settings = TemplateSettingsSerializer(help_text="To be sent, with a name, to make a bot.")


class BotTemplatesSerializer(serializers.Serializer[Any]):
    """All templates."""

    results = BotTemplateSerializer(many=True, help_text="All templates there are.")


class SightingSerializer(serializers.ModelSerializer[BotSighting]):
    """A site that shows a bot."""

    last_seen = serializers.DateTimeField(read_only=True, help_text="To the minute.")

    class Meta:
        model = BotSighting
        fields = ["origin", "first_seen", "last_seen"]
        read_only_fields = fields
        help_texts = {
            "first_seen": "When a page of this origin first showed the bot.",
            "origin": "The site that showed it: scheme, host and port.",
        }
