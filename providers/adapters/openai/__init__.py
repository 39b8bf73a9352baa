"""The openai adapter."""
