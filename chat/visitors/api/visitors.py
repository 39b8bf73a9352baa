"""Where the pages of a tenant's sites get the token that lets a visitor talk to one bot."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from bots import public_id
from bots.api.look import LOOK_EXAMPLE
from bots.exceptions import NoSuchBotError
from chat.exceptions import NoSuchConversationError
from chat.models import VISITOR_REF_LENGTH
from chat.visitors.api.serializers import BotProfileSerializer
from chat.visitors.exceptions import IdentityInvalidError, IdentityRequiredError
from chat.visitors.services.admission import VisitorAdmission, VisitorArrival, admit
from chat.visitors.services.identity import HashedIdentity, Identity, IdentityToken
from chatcms.core.api import serializers
from chatcms.core.api.openapi import problems
from tenants.api_base import PublicAPIView
from tenants.authentication import origin_of
from tenants.exceptions import OriginNotAllowedError, VisitorTokenError, VisitorTokenExpiredError
from tenants.services import visitor_tokens
from tenants.types import Origin

_ABOUT = """\
Called by the page itself, without a credential: the page's `Origin` must be among the bot's `allowed_origins` (or be
this server's, for the bot's hosted page and its frame), and the token is good for 30 minutes, for that bot, that
origin and one conversation, which the first question opens. Send it as a bearer credential to the routes below
`/v1/chat/`.

Send the last token as `token` to go on as the same visitor in the same conversation (also when it has expired, for
30 days), and `new_conversation` to begin another one. To say who the visitor is, let your server sign the user id
with the tenant's identity secret: either `identity` with the hexadecimal HMAC-SHA256 of the user id, or
`identity_token`, a JWT (HS256) with `sub` and an `exp` at most 24 hours ahead. Such a visitor finds earlier
conversations with the bot again: list them, and name one as `conversation_id` to get a token for it.
"""
_BOT = "bot_0NAujofkb5ekRPHXyNUaoSfrPsWYuQOAkrHqOY2YbzN"
_HASH = "88f24b0b9ad1a4f6dd2f4d6ebd8d1a2f37cc2cbb0b4b9b2ee1b9c3c4f3c1e0aa"


class HashedIdentitySerializer(serializers.Serializer[Any]):
    """A user id of the tenant's own, with its signature."""

    user_id = serializers.CharField(
        max_length=VISITOR_REF_LENGTH,
        trim_whitespace=False,
        help_text="The id by which the tenant's own system knows the visitor.",
    )
    hash = serializers.CharField(max_length=64, help_text="Hexadecimal HMAC-SHA256 of the user id.")


class ArrivalSerializer(serializers.Serializer[Any]):
    """What a page asks for."""

    bot = serializers.CharField(max_length=public_id.LENGTH, help_text="The bot's `public_id`.")
    identity = HashedIdentitySerializer(
        required=False,
        allow_null=True,
        default=None,
        help_text="Who the visitor is, signed by the tenant; null for one whom nobody vouches for.",
    )
    identity_token = serializers.CharField(
        max_length=4000, required=False, allow_blank=True, default="", help_text="A JWT, instead of `identity`."
    )
    token = serializers.CharField(
        max_length=visitor_tokens.MAX_LENGTH, required=False, allow_blank=True, default="", help_text="The last token."
    )
    new_conversation = serializers.BooleanField(
        default=False, help_text="Whether to begin another conversation as the same visitor."
    )
    conversation_id = serializers.UUIDField(
        required=False,
        allow_null=True,
        default=None,
        help_text=(
            "An earlier conversation of a visitor who is vouched for, to go on with; null: the last one, or a new one."
        ),
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what contradicts itself."""
        if attrs["identity"] and attrs["identity_token"]:
            raise serializers.unacceptable(identity="Send either `identity` or `identity_token`.")
        if attrs["conversation_id"] and attrs["new_conversation"]:
            raise serializers.unacceptable(new_conversation="A named conversation is not a new one.")
        return attrs

    def arrival(self, *, origin: Origin) -> VisitorArrival:
        """Return what was asked for, checked."""
        self.is_valid(raise_exception=True)
        asked: dict[str, Any] = dict(self.validated_data)
        identity: Identity | None = None
        if hashed := asked.pop("identity"):
            identity = HashedIdentity(hashed["user_id"], hashed["hash"])
        if text := asked.pop("identity_token"):
            identity = IdentityToken(text)
        return VisitorArrival(origin=origin, identity=identity, **asked)


class AdmissionSerializer(serializers.Serializer[VisitorAdmission]):
    """A visitor who has been let in."""

    token = serializers.CharField(help_text="The token: a bearer credential for the routes below `/v1/chat/`.")
    expires_at = serializers.DateTimeField(help_text="Until when the token is good.")
    visitor_id = serializers.UUIDField(
        source="visit.visitor_id", help_text="Who the visitor is, for as long as tokens are renewed."
    )
    conversation_id = serializers.UUIDField(
        source="visit.conversation_id", help_text="Reserved; the first question opens it."
    )
    identified = serializers.SerializerMethodField(help_text="Whether the tenant has vouched for who the visitor is.")
    bot = BotProfileSerializer(help_text="What the page may know of the bot.")

    def to_representation(self, admission: VisitorAdmission) -> dict[str, Any]:
        """Show the bot in the colour that it has on pages: its own, or the tenant's."""
        shown = super().to_representation(admission)
        shown["bot"]["look"]["accent"] = admission.look.accent
        return shown

    def get_identified(self, admission: VisitorAdmission) -> bool:
        """Say whether the tenant has vouched for the visitor."""
        return bool(admission.visit.ref)


class VisitorsView(PublicAPIView):
    """Visitors of a tenant's sites."""

    serializer_class = ArrivalSerializer

    @extend_schema(
        operation_id="chat_visitors_create",
        tags=["visitors"],
        summary="Get a visitor token",
        description=_ABOUT,
        auth=[],
        parameters=[
            OpenApiParameter(
                "Origin", str, OpenApiParameter.HEADER, description="Set by the browser: the origin of the page."
            )
        ],
        request=ArrivalSerializer,
        responses={
            201: AdmissionSerializer,
            **problems(
                *(400, 415, 422, 429),
                errors=(
                    *(VisitorTokenError, VisitorTokenExpiredError, OriginNotAllowedError),
                    *(IdentityRequiredError, IdentityInvalidError, NoSuchBotError, NoSuchConversationError),
                ),
            ),
        },
        examples=[
            OpenApiExample("Anonymous", request_only=True, value={"bot": _BOT}),
            OpenApiExample(
                "Identified",
                request_only=True,
                value={"bot": _BOT, "identity": {"user_id": "customer-42", "hash": _HASH}},
            ),
            OpenApiExample("Going on", request_only=True, value={"bot": _BOT, "token": "cmsv_WyIwMTkyZjBj…"}),
            OpenApiExample(
                "Let in",
                response_only=True,
                status_codes=[201],
                value={
                    "token": "cmsv_WyIwMTkyZjBj…",
                    "expires_at": "2026-05-04T10:50:00Z",
                    "visitor_id": "5a7cb8d0-4f0e-5d6b-9d3e-2b1c0a9f8e7d",
                    "conversation_id": "0192f0c1-a2b3-7c4d-8e5f-60718293a4b5",
                    "identified": False,
                    "bot": {
                        "id": "01938d5e-7f60-7c2a-9a3e-1c5b8f0d2e41",
                        "slug": "help-desk",
                        "name": "Help desk",
                        "description": "Answers from the product manuals.",
                        "welcome_message": "What may I help you with?",
                        "suggested_questions": ["How do I reset my password?"],
                        "look": LOOK_EXAMPLE,
                    },
                },
            ),
        ],
    )
    def post(self, request: Request) -> Response:
        """Let a visitor in, if the page may show the bot."""
        arrival = ArrivalSerializer(data=request.data).arrival(origin=origin_of(request))
        shown = AdmissionSerializer(admit(arrival)).data
        return Response(shown, status=status.HTTP_201_CREATED, headers={"Cache-Control": "no-store"})
