"""The figures of a tenant: read from sums by day, and from `usage` for what is not summed up yet (ADR 18)."""
