"""Tells the OpenAPI schema what a bearer credential is."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """`Authorization: Bearer <API key or access token>`."""

    target_class = "tenants.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """Describe the scheme."""
        return {
            "type": "http",
            "scheme": "bearer",
            "description": (
                "An API key (`cms_live_…`) or an access token from `POST /v1/auth/token`. "
                "The credential alone says which tenant the request is for."
            ),
        }
