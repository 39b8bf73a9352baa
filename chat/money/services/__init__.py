"""Use-cases of money."""
