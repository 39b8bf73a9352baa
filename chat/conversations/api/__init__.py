"""The API of a caller's own conversations."""
