"""Says in the OpenAPI document what each value of an enumeration means, where its label does not."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

_EXPLAINED: dict[str, dict[str, str]] = {
    "AnsweredByEnum": {
        "model": "A model answered.",
        "curated": "People wrote the answer.",
        "say_so": "The bot said that its documents hold nothing on the question.",
        "ask_back": "The bot asked to put the question differently.",
        "handoff": "The bot said so, and a person is asked for.",
    },
    "AvatarEnum": {"initial": "The first letter of the title.", "none": "Nothing."},
    "CacheEnum": {
        "none": "Nothing of a prompt is kept.",
        "prefix": "The beginning that prompts share is kept by itself.",
        "explicit": "What is marked in the request is kept.",
    },
    "CallerTypeEnum": {
        "user": "A member of the tenant, or somebody who is signed in.",
        "api_key": "An API key of the tenant.",
        "staff": "One of the platform's staff.",
        "visitor": "Somebody on a page that shows a bot.",
    },
    "ChangedEnum": {
        "name": "What the bot is called.",
        "description": "What it is for.",
        "system_prompt": "Its instructions.",
        "model": "The model that it asks first.",
        "temperature": "How freely that chooses its words.",
        "max_tokens": "The longest answer.",
        "passages": "How many passages the model is given at most.",
        "fallbacks": "The models that are asked when the first one fails.",
        "welcome_message": "What the widget says first.",
        "suggested_questions": "Questions to begin with.",
        "no_evidence": "What it does when its documents hold nothing on a question.",
        "no_evidence_message": "What it says then.",
        "provider_id": "The provider of its model.",
        "dataset_ids": "The datasets that it answers from.",
        "look": "How it appears.",
    },
    "ChannelEnum": {
        "api": "The routes below `/v1/chat/`, with a key or as a member.",
        "openai": "The OpenAI-compatible routes.",
        "portal": "The playground of the portal.",
        "widget": "The widget or the bot's hosted page.",
    },
    "ConditionLevelEnum": {
        "ok": "All is well.",
        "attention": "Somebody should look at it.",
        "wrong": "Something is broken.",
    },
    "DeliveryStateEnum": {
        "pending": "It is yet to be taken; it is tried again until it is, or given up.",
        "delivered": "The receiver has taken it.",
        "failed": "It was given up.",
    },
    "DocumentStateEnum": {
        "queued": "A worker will take it.",
        "fetching": "It is being fetched from the web.",
        "reading": "Its text is being read.",
        "splitting": "Its text is being split into chunks.",
        "embedding": "Its chunks are being indexed.",
        "ready": "It can be answered from.",
        "failed": "It could not be read: `error_detail` says why.",
    },
    "ArrivalEnum": {
        "created": "It is a new document.",
        "replaced": "It is the next version of a document, whose text answers until this one is ready.",
        "unchanged": "It is what the document holds already: nothing was done.",
    },
    "OnSameNameEnum": {
        "replace": "The file is the next version of the one that is here.",
        "keep_both": "The file becomes a document of its own, with a number in its name.",
    },
    "NoticeCodeEnum": {
        "picture_page": "These pages are pictures without text.",
        "unreadable_font": "The font of these pages does not say which letters it shows.",
        "unread_part": "A part of it cannot be read.",
        "unsure_encoding": "It does not say how its letters are encoded, and that had to be guessed.",
    },
    "CompletionFinishReasonEnum": {
        "stop": "The answer is complete, or somebody stopped it.",
        "length": "It is as long as it may be.",
        "content_filter": "The provider cut it off for what it says.",
        "tool_calls": "The model wants tools called, which the caller sent along.",
        "function_call": "The same, where the caller sent `functions`.",
    },
    "FinishReasonEnum": {
        "stop": "The answer is complete.",
        "length": "It is as long as it may be.",
        "content_filter": "The provider cut it off for what it says.",
        "tool_calls": "The model wants tools called, which the caller sent along.",
        "stopped": "Somebody stopped it.",
    },
    "GrantRoleEnum": {"viewer": "Look at everything.", "editor": "Change bots, datasets and documents too."},
    "GrantStateEnum": {
        "waiting": "An owner has yet to approve it.",
        "active": "It can be used.",
        "ended": "Its time is over.",
        "revoked": "It was ended before its time.",
        "declined": "An owner said no.",
        "lapsed": "No owner answered in time.",
    },
    "IfDisconnectedEnum": {
        "stop": "The answer ends where its reader left; what there is of it is kept.",
        "finish": "The answer is finished and kept.",
    },
    "IntoEnum": {
        "curated": "A curated answer of the bot, given without asking a model.",
        "dataset": "A pair in a dataset of the bot, found like any passage.",
    },
    "InvitationStateEnum": {
        "open": "It can be accepted.",
        "expired": "Its time is over.",
        "accepted": "It was accepted.",
    },
    "LauncherIconEnum": {"chat": "A speech bubble.", "help": "A question mark.", "spark": "A spark."},
    "LineKindEnum": {
        "same": "A line that stayed.",
        "removed": "A line that is gone.",
        "added": "A line that is new.",
        "left_out": "`count` lines that stayed and are not shown.",
    },
    "ListedByEnum": {
        "us": "The provider's settings, else the usual models of the vendor.",
        "vendor": "The vendor was asked just now.",
        "both": "What we know first, then what only the vendor lists.",
    },
    "MaxTokensNameEnum": {
        "max_tokens": "The older name.",
        "max_completion_tokens": "The newer name, which models that reason ask for.",
    },
    "MemberRoleEnum": {
        "owner": "May do everything.",
        "admin": "May do everything but change owners and what concerns the tenant as a whole.",
        "editor": "May change bots, datasets and documents, and answer in conversations.",
        "viewer": "May look at everything and change nothing.",
    },
    "MessageRoleEnum": {
        "user": "Whoever asks.",
        "assistant": "The bot.",
        "person": "A person of the tenant.",
    },
    "MessageStatusEnum": {
        "streaming": "It is being made.",
        "complete": "It is whole.",
        "stopped": "It ends where it was stopped, or its reader went away.",
        "failed": "It could not be made, or not to its end: `error_code` says why.",
    },
    "ModelInfoKindEnum": {"chat": "Answers.", "embedding": "Turns texts into numbers, for search by meaning."},
    "PairStateEnum": {
        "waiting": "It is yet to be indexed.",
        "ready": "It can be found.",
        "failed": "It could not be indexed: its document's `error_detail` says why.",
    },
    "PartTypeEnum": {
        "text": "Words.",
        "image": "A picture that was sent along.",
        "file": "A document that was sent along.",
        "tool_call": "The model wants a tool called.",
        "tool_result": "What came of calling a tool.",
        "refusal": "The words in which the model declines to answer.",
    },
    "PeriodEnum": {"day": "From midnight to midnight, UTC.", "month": "From the first to the last of a month, UTC."},
    "PlatformTenantStatusEnum": {
        "pending": "Its schema is yet to be made.",
        "creating": "Its schema is being made.",
        "ready": "It can be used.",
        "failed": "Its schema could not be made: `status_detail` says why.",
        "suspended": "Nobody gets in, and its bots are silent.",
        "deleting": "It is going to be deleted, at `delete_after`.",
    },
    "PositionEnum": {
        "end": "At the end of a line: right, or left where people read from right to left.",
        "start": "At the beginning of a line: left, or right where people read from right to left.",
    },
    "ProviderTypeEnum": {
        "openai": "OpenAI's own.",
        "anthropic": "Anthropic's own.",
        "openai_compatible": "A server that speaks OpenAI's, at an address of your own.",
        "local": "The built-in models; they need no key.",
    },
    "MemberStateEnum": {
        "waiting": "An owner has yet to answer.",
        "approved": "An owner said yes, and it is done.",
        "declined": "An owner said no.",
        "lapsed": "No owner answered in time.",
    },
    "RatingEnum": {"up": "The answer was good.", "down": "The answer was bad."},
    "ResponseItemStatusEnum": {
        "in_progress": "It is being written.",
        "completed": "It is whole.",
        "incomplete": "It ends before it was whole.",
    },
    "ResponseStatusEnum": {
        "in_progress": "It is being made.",
        "completed": "It is whole.",
        "incomplete": "It ends before it was whole; `incomplete_details` says why.",
        "failed": "It failed; `error` says why.",
    },
    "ThemeEnum": {
        "auto": "As the visitor's system.",
        "light": "Dark letters on a light ground.",
        "dark": "Light letters on a dark ground.",
    },
    "TokenTypeEnum": {"Bearer": "Send it as `Authorization: Bearer …`."},
}


def explain_enums(result: Schema, **_: Any) -> Schema:
    """Write the words into the components; a hook of drf-spectacular, after the one that makes them."""
    components = result["components"]["schemas"]
    for name, words in _EXPLAINED.items():
        if name in components:
            values = components[name]["enum"]
            components[name]["description"] = "\n".join(
                f"* `{value}`: {words[value]}" for value in values if value in words
            )
    return result
