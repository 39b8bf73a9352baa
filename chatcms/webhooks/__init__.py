"""Tells a tenant's own systems what happened here: signed, retried, and logged."""
