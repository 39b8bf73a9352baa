"""Says of every route and method what its caller needs: written by hand, so that no route comes in unseen.

The views say it too, and `docs/permissions.md` is made from those; tests compare all three with what happens.
"""

from __future__ import annotations

from tenants.permissions import Capability

OPEN = "public"
ANY = "any caller"

TABLE: dict[str, Capability | str] = {
    "GET v1/health": OPEN,
    "GET v1/schema": OPEN,
    "GET v1/docs": OPEN,
    "GET v1/redoc": OPEN,
    "POST v1/auth/token": OPEN,
    "POST v1/auth/token/refresh": OPEN,
    "GET v1/auth/me": ANY,
    "GET v1/tenant/api-keys": Capability.KEYS_READ,
    "POST v1/tenant/api-keys": Capability.KEYS_WRITE,
    "DELETE v1/tenant/api-keys/<uuid:key_id>": Capability.KEYS_WRITE,
    "GET v1/tenant/providers": Capability.PROVIDERS_READ,
    "POST v1/tenant/providers": Capability.PROVIDERS_WRITE,
    "GET v1/tenant/providers/available": Capability.PROVIDERS_READ,
    "GET v1/tenant/providers/<uuid:provider_id>": Capability.PROVIDERS_READ,
    "PATCH v1/tenant/providers/<uuid:provider_id>": Capability.PROVIDERS_WRITE,
    "DELETE v1/tenant/providers/<uuid:provider_id>": Capability.PROVIDERS_WRITE,
    "POST v1/tenant/providers/<uuid:provider_id>/test": Capability.PROVIDERS_WRITE,
    "GET v1/tenant/providers/<uuid:provider_id>/models": Capability.PROVIDERS_READ,
    "GET v1/tenant/datasets": Capability.DATASETS_READ,
    "POST v1/tenant/datasets": Capability.DATASETS_WRITE,
    "GET v1/tenant/datasets/<uuid:dataset_id>": Capability.DATASETS_READ,
    "PATCH v1/tenant/datasets/<uuid:dataset_id>": Capability.DATASETS_WRITE,
    "DELETE v1/tenant/datasets/<uuid:dataset_id>": Capability.DATASETS_WRITE,
    "GET v1/tenant/datasets/<uuid:dataset_id>/documents": Capability.DATASETS_READ,
    "POST v1/tenant/datasets/<uuid:dataset_id>/documents": Capability.DATASETS_WRITE,
    "POST v1/tenant/datasets/<uuid:dataset_id>/search": Capability.DATASETS_READ,
    "GET v1/tenant/documents/<uuid:document_id>": Capability.DATASETS_READ,
    "PATCH v1/tenant/documents/<uuid:document_id>": Capability.DATASETS_WRITE,
    "DELETE v1/tenant/documents/<uuid:document_id>": Capability.DATASETS_WRITE,
    "POST v1/tenant/documents/<uuid:document_id>/retry": Capability.DATASETS_WRITE,
    "GET v1/tenant/documents/<uuid:document_id>/download": Capability.DATASETS_READ,
    "GET v1/tenant/documents/<uuid:document_id>/chunks": Capability.DATASETS_READ,
    "POST v1/tenant/documents/<uuid:document_id>/chunks": Capability.DATASETS_WRITE,
    "GET v1/tenant/chunks/<uuid:chunk_id>": Capability.DATASETS_READ,
    "PATCH v1/tenant/chunks/<uuid:chunk_id>": Capability.DATASETS_WRITE,
    "DELETE v1/tenant/chunks/<uuid:chunk_id>": Capability.DATASETS_WRITE,
    "GET v1/tenant/bots": Capability.BOTS_READ,
    "POST v1/tenant/bots": Capability.BOTS_WRITE,
    "GET v1/tenant/bots/<uuid:bot_id>": Capability.BOTS_READ,
    "PATCH v1/tenant/bots/<uuid:bot_id>": Capability.BOTS_WRITE,
    "DELETE v1/tenant/bots/<uuid:bot_id>": Capability.BOTS_WRITE,
    "POST v1/chat/visitors": OPEN,
    "GET v1/chat/bots": Capability.CHAT_USE,
    "GET v1/chat/bots/<str:bot>": Capability.CHAT_USE,
    "POST v1/chat/bots/<str:bot>/messages": Capability.CHAT_USE,
    "GET v1/chat/conversations": Capability.CHAT_USE,
    "GET v1/chat/conversations/<uuid:conversation_id>": Capability.CHAT_USE,
    "PATCH v1/chat/conversations/<uuid:conversation_id>": Capability.CHAT_USE,
    "DELETE v1/chat/conversations/<uuid:conversation_id>": Capability.CHAT_USE,
    "POST v1/chat/conversations/<uuid:conversation_id>/end": Capability.CHAT_USE,
    "GET v1/chat/conversations/<uuid:conversation_id>/messages": Capability.CHAT_USE,
    "PUT v1/chat/messages/<uuid:message_id>/feedback": Capability.CHAT_USE,
    "DELETE v1/chat/messages/<uuid:message_id>/feedback": Capability.CHAT_USE,
    "GET v1/tenant/conversations": Capability.CONVERSATIONS_READ,
    "GET v1/tenant/conversations/export": Capability.CONVERSATIONS_READ,
    "GET v1/tenant/conversations/<uuid:conversation_id>": Capability.CONVERSATIONS_READ,
    "DELETE v1/tenant/conversations/<uuid:conversation_id>": Capability.CONVERSATIONS_WRITE,
    "GET v1/tenant/conversations/<uuid:conversation_id>/messages": Capability.CONVERSATIONS_READ,
    "GET v1/tenant/messages": Capability.CONVERSATIONS_READ,
    "GET v1/tenant/messages/<uuid:message_id>": Capability.CONVERSATIONS_READ,
    "GET v1/tenant/feedback": Capability.CONVERSATIONS_READ,
    "POST v1/chat/completions": Capability.CHAT_USE,
    "GET v1/models": Capability.CHAT_USE,
    "GET v1/models/<str:model>": Capability.CHAT_USE,
}

# A visitor may chat with one bot through the product's own routes; the list of models is for programs.
NOT_FOR_VISITORS: frozenset[str] = frozenset()
