"""The shapes of members and invitations, as JSON."""

from __future__ import annotations

from typing import Any

from chatcms.core import serializers
from tenants.enums import InvitationState, LeftKeys, Role
from tenants.models import Invitation, Membership

_KEPT = "`revoke`, as without it, or `keep`, in the name of whoever changes or removes the member."


class MemberSerializer(serializers.ModelSerializer[Membership]):
    """A person, and what they may do in this tenant."""

    user_id = serializers.UUIDField(read_only=True)
    email = serializers.EmailField(source="user.email", read_only=True)
    name = serializers.CharField(source="user.name", read_only=True)
    role = serializers.ChoiceField(choices=Role.choices, read_only=True)

    class Meta:
        model = Membership
        fields = ["id", "user_id", "email", "name", "role", "is_active", "created_at", "updated_at"]
        read_only_fields = fields


class MemberChangesSerializer(serializers.Serializer[Any]):
    """What may be changed of a member; what is absent stays."""

    role = serializers.ChoiceField(choices=Role.choices, required=False)
    is_active = serializers.BooleanField(required=False)
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

    role = serializers.ChoiceField(choices=Role.choices, required=False)
    is_active = serializers.BooleanField(required=False)
    search = serializers.CharField(max_length=200, required=False, help_text="A part of the e-mail address or name.")


class InvitationSerializer(serializers.ModelSerializer[Invitation]):
    """An offer to join the tenant; its link is never shown again."""

    role = serializers.ChoiceField(choices=Role.choices, read_only=True)
    state = serializers.ChoiceField(choices=InvitationState.choices, read_only=True)
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


class NewInvitationSerializer(serializers.Serializer[Any]):
    """Whom to invite, as what."""

    email = serializers.EmailField(max_length=254)
    role = serializers.ChoiceField(choices=Role.choices)

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

    state = serializers.ChoiceField(choices=InvitationState.choices, required=False)
