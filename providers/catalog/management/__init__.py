"""Management of providers."""
