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
    "LICENSE": {"name": "All rights reserved"},
    "SERVERS": [{"url": "/", "description": "The installation that this document comes from."}],
    "TAGS": [
        {"name": "chat", "description": "Ask bots, and read along with their answers."},
        {"name": "conversations", "description": "The caller's own conversations."},
        {"name": "visitors", "description": "Tokens for the pages of a tenant's sites."},
        {"name": "openai", "description": "The routes of OpenAI's protocol, for its clients: a model is a bot."},
        {"name": "bots", "description": "Bots, their drafts and versions, and what they say word for word."},
        {"name": "datasets", "description": "Sets of documents that bots answer from."},
        {"name": "documents", "description": "Files, pages and texts, and how far each has got."},
        {"name": "chunks", "description": "The pieces of documents that are found."},
        {"name": "qa", "description": "Pairs of question and answer in datasets."},
        {"name": "inbox", "description": "Every conversation of the tenant, for those who look after its bots."},
        {"name": "analytics", "description": "What is asked, how well it is answered, and what is not."},
        {"name": "usage", "description": "Tokens, their cost, and what the plan has left."},
        {"name": "budgets", "description": "How much answers may cost."},
        {"name": "providers", "description": "Who runs the models."},
        {"name": "webhooks", "description": "Being told what happens, and the log of that."},
        {"name": "members", "description": "Who may enter the tenant, and who is invited."},
        {"name": "api keys", "description": "Credentials for programs."},
        {"name": "access grants", "description": "Leave for the platform's staff to enter the tenant."},
        {"name": "audit", "description": "Who did what."},
        {"name": "settings", "description": "What holds for the whole tenant."},
        {"name": "auth", "description": "Signing in, tokens, passwords and the caller's own account."},
        {"name": "platform", "description": "For the platform's staff: tenants, plans, users and providers."},
    ],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": [
        "chatcms.webhookdoc.add_webhooks",
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
        "PartTypeEnum": "chat.api.parts.PART_TYPES",
        "FinishReasonEnum": "chat.api.serializers.FINISH_REASONS",
        "ResponseStatusEnum": "chat.api.openai.responses.documents.STATUSES",
        "ResponseItemStatusEnum": "chat.api.openai.responses.documents.ITEM_STATUSES",
        "CompletionFinishReasonEnum": "chat.api.openai.documents.FINISH_REASONS",
    },
}
SIMPLE_JWT = {
    "SIGNING_KEY": JWT_SECRET_KEY,
    "ALGORITHM": "HS256",
    "ISSUER": "chatcms",
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=env.int("ACCESS_TOKEN_MINUTES", 10)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=env.int("REFRESH_TOKEN_DAYS", 14)),
}
