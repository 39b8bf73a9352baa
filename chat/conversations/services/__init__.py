"""Use-cases of conversations."""
