"""What is stored: the tenant's connection, identifiers, locks, secrets, and queries for many tables."""
