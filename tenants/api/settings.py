"""What a tenant sets for itself: name, look, logo, language, retention, who comes in how, and the identity secret."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings as django_settings
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from chatcms.core.api import serializers
from chatcms.core.api.openapi import problems
from chatcms.core.exceptions import InvalidInputError, PermissionDeniedError
from tenants.api_base import TenantAPIView
from tenants.exceptions import (
    CredentialError,
    LogoTooLargeError,
    NoIdentitySecretError,
    NoLogoError,
    NotAPictureError,
    OwnersOnlyError,
)
from tenants.models import Tenant, TenantSettings
from tenants.pages.branding import uploaded_logo_address
from tenants.permissions import Capability
from tenants.services import logos, settings

_REFUSALS = (CredentialError, PermissionDeniedError)
_EXAMPLE: dict[str, Any] = {
    "name": "Acme",
    "slug": "acme",
    "accent_color": "#4f46e5",
    "logo_url": "https://acme.example/logo.svg",
    "uploaded_logo_url": "",
    "website": "https://acme.example",
    "support_email": "help@acme.example",
    "language": "en",
    "time_zone": "Europe/Berlin",
    "retention_days": 365,
    "require_second_factor": False,
    "approve_staff_access": True,
    "has_identity_secret": True,
}
_SHOWN = OpenApiExample("The settings", value=_EXAMPLE, response_only=True, status_codes=[200])
_LOGO_ADDRESS = f"https://chat.example.com/logo/acme/{'3b' * 32}.png"
_WITH_LOGO = OpenApiExample(
    "The settings", value={**_EXAMPLE, "uploaded_logo_url": _LOGO_ADDRESS}, response_only=True, status_codes=[200]
)


class TenantSettingsSerializer(serializers.ModelSerializer[TenantSettings]):
    """A tenant's settings; of the identity secret only whether there is one."""

    name = serializers.CharField(source="tenant.name", max_length=200, help_text="What the tenant is called.")
    slug = serializers.CharField(source="tenant.slug", read_only=True, help_text="Its name in addresses.")
    uploaded_logo_url = serializers.SerializerMethodField(
        help_text="Of the logo that was uploaded, which is shown rather than the one at `logo_url`; empty without one."
    )
    has_identity_secret = serializers.BooleanField(
        read_only=True, help_text="Whether there is a secret to sign visitors' identities with."
    )

    class Meta:
        model = TenantSettings
        fields = [
            "name", "slug", "accent_color", "logo_url", "uploaded_logo_url", "website", "support_email", "language",
            "time_zone", "retention_days", "require_second_factor", "approve_staff_access", "has_identity_secret",
        ]  # fmt: skip
        help_texts = {
            "accent_color": "The colour of its pages and widgets, as `#rrggbb`; a bot's own goes before it.",
            "approve_staff_access": "Whether an owner has to approve before one of the platform's staff may enter.",
            "language": "The language of its pages and mails, as a code such as `de`.",
            "logo_url": "Where its logo is; empty: none.",
            "require_second_factor": "Whether members must have a second factor to enter.",
            "retention_days": "After how many days ended conversations are deleted; null: never.",
            "support_email": "Where its visitors find help; empty: nowhere.",
            "time_zone": "The time zone of its pages, as `Europe/Berlin`.",
            "website": "Its site; empty: none.",
        }

    def get_uploaded_logo_url(self, row: TenantSettings) -> str:
        """The whole address, for use anywhere."""
        path = uploaded_logo_address(row.tenant, row)
        return f"{django_settings.PUBLIC_URL}{path}" if path else ""


class TenantSettingsChangesSerializer(serializers.ModelSerializer[TenantSettings]):
    """What may be changed of the settings; what is absent stays."""

    name = serializers.CharField(max_length=200, required=False, help_text="What the tenant is called.")
    time_zone = serializers.CharField(max_length=60, required=False, help_text="As the IANA database names it.")
    language = serializers.CharField(max_length=16, required=False, help_text="As BCP 47 names it.")

    class Meta:
        model = TenantSettings
        fields = [
            "name", "accent_color", "logo_url", "website", "support_email", "language", "time_zone",
            "retention_days", "require_second_factor", "approve_staff_access",
        ]  # fmt: skip
        help_texts = {
            "accent_color": "The colour of its pages and widgets, as `#rrggbb`; a bot's own goes before it.",
            "approve_staff_access": "Whether an owner has to approve before one of the platform's staff may enter.",
            "logo_url": "Where its logo is; empty: none.",
            "require_second_factor": "Whether members must have a second factor to enter.",
            "retention_days": "After how many days ended conversations are deleted; null: never.",
            "support_email": "Where its visitors find help; empty: nowhere.",
            "website": "Its site; empty: none.",
        }


class LogoSerializer(serializers.Serializer[Any]):
    """A logo in a multipart form."""

    file = serializers.FileField(
        allow_empty_file=True, help_text="PNG, JPEG or WebP, at most 256 KB; what is in it decides which."
    )


class IdentitySecretSerializer(serializers.Serializer[Any]):
    """The secret, this once."""

    secret = serializers.CharField(help_text="Keep it now: it is shown only in this answer.")


class SettingsView(TenantAPIView):
    """The settings of the tenant."""

    serializer_class = TenantSettingsSerializer
    capabilities: ClassVar = {"GET": Capability.SETTINGS_READ, "PATCH": Capability.SETTINGS_WRITE}

    @extend_schema(
        operation_id="settings_read",
        tags=["settings"],
        summary="Show the settings",
        responses={200: TenantSettingsSerializer, **problems(errors=_REFUSALS)},
        examples=[_SHOWN],
    )
    def get(self, request: Request) -> Response:
        """Give all of them."""
        return self.tagged(self.tenant, _shown(self.tenant))

    @extend_schema(
        operation_id="settings_update",
        tags=["settings"],
        summary="Change the settings",
        description=(
            "What is not sent stays. Who comes in how (`require_second_factor`, `approve_staff_access`) only owners "
            "change. Conversations older than `retention_days` are deleted each night."
        ),
        request=TenantSettingsChangesSerializer,
        responses={
            200: TenantSettingsSerializer,
            **problems(400, errors=(*_REFUSALS, OwnersOnlyError, InvalidInputError)),
        },
        examples=[
            OpenApiExample("The look", value={"name": "Acme", "accent_color": "#0f766e"}, request_only=True),
            _SHOWN,
        ],
    )
    def patch(self, request: Request) -> Response:
        """Change what is sent."""
        asked = serializers.checked_body(TenantSettingsChangesSerializer, request, partial=True)
        with self.unchanged(self.tenant):
            settings.change_settings(by=self.actor, tenant=self.tenant, **asked)
        return self.tagged(self.tenant, _shown(self.tenant))


class LogoView(TenantAPIView):
    """The logo that the tenant uploads."""

    serializer_class = LogoSerializer
    parser_classes = (MultiPartParser,)
    capabilities: ClassVar = {"PUT": Capability.SETTINGS_WRITE, "DELETE": Capability.SETTINGS_WRITE}

    @extend_schema(
        operation_id="logo_replace",
        tags=["settings"],
        summary="Upload the logo",
        description=(
            "It takes the place of the one before, and is shown rather than the one at `logo_url`. Anybody may load it "
            "at `uploaded_logo_url`, which changes with the picture. An SVG is refused, since it can hold scripts."
        ),
        request={"multipart/form-data": LogoSerializer},
        responses={
            200: TenantSettingsSerializer,
            **problems(400, errors=(*_REFUSALS, LogoTooLargeError, NotAPictureError)),
        },
        examples=[_WITH_LOGO],
    )
    def put(self, request: Request) -> Response:
        """Take the picture."""
        asked = LogoSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        content = asked.validated_data["file"].read(logos.MAX_LOGO_BYTES + 1)
        with self.unchanged(self.tenant):
            logos.put_logo(by=self.actor, tenant=self.tenant, content=content)
        return self.tagged(self.tenant, _shown(self.tenant))

    @extend_schema(
        operation_id="logo_delete",
        tags=["settings"],
        summary="Remove the uploaded logo",
        description="The logo at `logo_url` is shown again, if there is one.",
        responses={204: None, **problems(errors=(*_REFUSALS, NoLogoError))},
    )
    def delete(self, request: Request) -> Response:
        """Delete the picture."""
        with self.unchanged(self.tenant):
            logos.remove_logo(by=self.actor, tenant=self.tenant)
        return Response(status=204)


class IdentitySecretView(TenantAPIView):
    """The secret by which the tenant's server vouches for who a visitor is."""

    serializer_class = IdentitySecretSerializer
    capabilities: ClassVar = {"POST": Capability.SETTINGS_WRITE, "DELETE": Capability.SETTINGS_WRITE}

    @extend_schema(
        operation_id="identity_secret_create",
        tags=["settings"],
        summary="Make or replace the identity secret",
        description=(
            "The answer shows it, this once. With it the tenant's own server signs who a visitor is, as "
            "`POST /v1/chat/visitors` says. What was signed with the one before is refused from now on."
        ),
        request=None,
        responses={201: IdentitySecretSerializer, **problems(errors=_REFUSALS)},
        examples=[OpenApiExample("The secret", value={"secret": "cms_identity_3kTz…"}, response_only=True)],
    )
    def post(self, request: Request) -> Response:
        """Make a secret."""
        secret = settings.make_identity_secret(by=self.actor, tenant=self.tenant)
        return Response({"secret": secret}, status=201, headers={"Cache-Control": "no-store"})

    @extend_schema(
        operation_id="identity_secret_delete",
        tags=["settings"],
        summary="Remove the identity secret",
        description="Nobody can vouch for visitors any more: they are all anonymous.",
        responses={204: None, **problems(errors=(*_REFUSALS, NoIdentitySecretError))},
    )
    def delete(self, request: Request) -> Response:
        """Take the secret away."""
        settings.remove_identity_secret(by=self.actor, tenant=self.tenant)
        return Response(status=204)


def _shown(tenant: Tenant) -> dict[str, Any]:
    row = settings.settings_of(tenant)
    row.tenant = tenant
    return TenantSettingsSerializer(row).data
