"""Commands of providers."""
