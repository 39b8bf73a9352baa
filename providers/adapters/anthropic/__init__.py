"""The anthropic adapter."""
