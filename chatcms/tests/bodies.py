"""What is sent to an operation where the schema's own example will not do: it is for people, and may name others."""

from __future__ import annotations

import json
from typing import Any

from chatcms.tests.described import Operation
from chatcms.tests.world import Things

# `<name>` is the id of that thing of the tenant.
_BODIES: dict[str, Any] = {
    # Scopes that a key which is limited to some bots or datasets may have, too.
    "api_keys_create": {"name": "Mine", "scopes": ["read"]},
    "api_keys_update": {"name": "Mine", "scopes": ["read"]},
    "bot_drafts_update": {"fallbacks": [{"model": "local"}]},
    "bots_create": {"name": "Mine", "fallbacks": [{"model": "local"}]},
    "bots_update": {"fallbacks": [{"model": "local"}]},
    "chat_bots_messages_create": {"message": "What is in it?"},
    "chat_completions_create": {"model": "<model>", "messages": [{"role": "user", "content": "What is in it?"}]},
    "chat_visitors_create": {"bot": "<public_id>"},
    "documents_create": {"name": "Hours", "text": "We are open from nine to five."},
    "messages_correct": {"question": "When?", "answer": "At nine.", "into": "dataset", "dataset_id": "<dataset_id>"},
    "platform_providers_create": {"name": "M", "provider_type": "openai", "api_key": "sk-1234567890"},
    "platform_providers_update": {"api_key": "sk-0987654321"},
    "platform_tenants_create": {"name": "Initech", "slug": "initech"},
    "platform_tenants_update": {"name": "Initech Ltd."},
    "providers_create": {"name": "Mine", "provider_type": "openai", "api_key": "sk-1234567890", "is_default": False},
    "providers_update": {"api_key": "sk-0987654321"},
    "responses_create": {"model": "<model>", "input": "What is in it?"},
}


def body_of(operation: Operation, things: Things) -> Any:
    """A body that the operation takes, None when it takes none."""
    text = json.dumps(_BODIES.get(operation.id, operation.example))
    for name, value in things.items():
        text = text.replace(f"<{name}>", value)
    return json.loads(text)
