"""Use-cases of visitors."""
