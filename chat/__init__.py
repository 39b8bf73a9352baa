"""The conversation: conversations, messages, usage, and the engine that answers every face."""
