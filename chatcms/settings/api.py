"""The API: its framework, its document and its tokens."""

from __future__ import annotations

from datetime import timedelta

from chatcms.environment import env
from chatcms.settings.base import JWT_SECRET_KEY

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["tenants.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["tenants.permissions.DenyUnlessDeclared"],
    "DEFAULT_RENDERER_CLASSES": ["chatcms.core.rendering.FastJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["chatcms.core.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "chatcms.core.pagination.Pages",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "chatcms.core.rendering.Negotiation",
    "URL_FORMAT_OVERRIDE": None,
    "DEFAULT_SCHEMA_CLASS": "chatcms.core.openapi.RuledSchema",
    "EXCEPTION_HANDLER": "chatcms.core.drf_errors.exception_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Chat AI CMS API",
    "DESCRIPTION": "Multi-tenant chatbots that answer from your documents, with citations.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "chatcms.enumwords.explain_enums",
        "chatcms.core.openapi.close_bodies",
        "chatcms.core.openapi.add_components",
        "chatcms.core.openapi_links.add_links",
    ],
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/v1/",
    "ENUM_NAME_OVERRIDES": {
        "MemberRoleEnum": "tenants.enums.Role",
        "InvitationStateEnum": "tenants.enums.InvitationState",
        "MessageRoleEnum": "chat.enums.MessageRole",
        "MessageStatusEnum": "chat.enums.MessageStatus",
        "HandlingEnum": "chat.enums.Handling",
        "RequestReasonEnum": "chat.enums.RequestReason",
        "EventTypeEnum": "chatcms.webhooks.enums.EventType",
        "GrantStateEnum": "tenants.enums.GrantState",
        "GrantRoleEnum": "tenants.enums.GrantRole",
        "ConditionLevelEnum": "chatcms.portal.condition.LEVELS",
        "DeliveryStateEnum": "chatcms.webhooks.enums.DeliveryState",
        "DocumentStateEnum": "datasets.enums.DocumentState",
    },
}
SIMPLE_JWT = {
    "SIGNING_KEY": JWT_SECRET_KEY,
    "ALGORITHM": "HS256",
    "ISSUER": "chatcms",
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=env.int("ACCESS_TOKEN_MINUTES", 10)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=env.int("REFRESH_TOKEN_DAYS", 14)),
}
