"""The shapes of members and invitations, as JSON."""

from __future__ import annotations

from typing import Any

from chatcms.core.api import serializers
from tenants.enums import InvitationState, LeftKeys, Role
from tenants.models import Invitation, Membership

_KEPT = "`revoke`, as without it, or `keep`, in the name of whoever changes or removes the member."


class MemberSerializer(serializers.ModelSerializer[Membership]):
    """A person, and what they may do in this tenant."""

    user_id = serializers.UUIDField(read_only=True, help_text="The user.")
    email = serializers.EmailField(source="user.email", read_only=True, help_text="The user's e-mail address.")
    name = serializers.CharField(source="user.name", read_only=True, help_text="What the user is called; may be empty.")
    role = serializers.ChoiceField(choices=Role.choices, read_only=True, help_text="What they may do in the tenant.")

    class Meta:
        model = Membership
        fields = ["id", "user_id", "email", "name", "role", "is_active", "created_at", "updated_at"]
        read_only_fields = fields
        help_texts = {
            "is_active": "Whether they may enter the tenant.",
        }


class MemberChangesSerializer(serializers.Serializer[Any]):
    """What may be changed of a member; what is absent stays."""

    role = serializers.ChoiceField(choices=Role.choices, required=False, help_text="What they may do in the tenant.")
    is_active = serializers.BooleanField(required=False, help_text="Whether they may enter the tenant.")
    keys = serializers.ChoiceField(
        choices=LeftKeys.choices,
        required=False,
        help_text="What becomes of the keys that the member made, when they may make none any more: " + _KEPT,
    )

    def validate_role(self, role: str) -> Role:
        """Return the role as services want it."""
        return Role(role)


class RemovalQuery(serializers.Serializer[Any]):
    """What becomes of what a member leaves."""

    keys = serializers.ChoiceField(
        choices=LeftKeys.choices, required=False, help_text="The keys that the member made: " + _KEPT
    )


class MemberQuery(serializers.Serializer[Any]):
    """Narrows down the members."""

    role = serializers.ChoiceField(choices=Role.choices, required=False, help_text="Only members of this role.")
    is_active = serializers.BooleanField(
        required=False, help_text="Only those who may enter, or only those who may not."
    )
    search = serializers.CharField(max_length=200, required=False, help_text="A part of the e-mail address or name.")


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    """An offer to join the tenant; its link is never shown again."""

    role = serializers.ChoiceField(choices=Role.choices, read_only=True, help_text="The role that is offered.")
    state = serializers.ChoiceField(
        choices=InvitationState.choices, read_only=True, help_text="Whether it can be accepted."
    )
    invited_by = serializers.EmailField(
        source="invited_by.email",
        read_only=True,
        allow_null=True,
        default=None,
        help_text="For a key, whoever made the key; null for the system.",
    )

    class Meta:
        model = Invitation
        fields = [
            "id", "email", "role", "state", "invited_by", "expires_at", "accepted_at", "created_at", "updated_at",
        ]  # fmt: skip
        read_only_fields = fields
        help_texts = {
            "accepted_at": "When it was accepted; null until then.",
            "email": "The address that is invited.",
            "expires_at": "Until when it can be accepted.",
        }


class NewInvitationSerializer(serializers.Serializer[Any]):
    """Whom to invite, as what."""

    email = serializers.EmailField(max_length=254, help_text="The address to invite.")
    role = serializers.ChoiceField(choices=Role.choices, help_text="The role to offer.")

    def validate_role(self, role: str) -> Role:
        """Return the role as services want it."""
        return Role(role)


class SentInvitationSerializer(InvitationSerializer):
    """An invitation with its link where no mail can be sent, this once."""

    link = serializers.URLField(
        read_only=True,
        help_text="To pass on yourself, where no mail server is set up; empty where the link goes by mail only.",
    )

    class Meta(InvitationSerializer.Meta):
        fields = [*InvitationSerializer.Meta.fields, "link"]
        read_only_fields = fields


class InvitationQuery(serializers.Serializer[Any]):
    """Narrows down the invitations."""

    state = serializers.ChoiceField(
        choices=InvitationState.choices, required=False, help_text="Only invitations in this state."
    )
