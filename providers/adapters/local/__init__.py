"""The local adapter."""
