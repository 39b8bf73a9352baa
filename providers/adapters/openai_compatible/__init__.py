"""The openai_compatible adapter."""
