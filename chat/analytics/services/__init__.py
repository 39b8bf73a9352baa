"""Use-cases of figures."""
