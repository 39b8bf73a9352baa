"""Management commands about tenants and people."""
