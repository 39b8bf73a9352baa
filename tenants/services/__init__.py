"""The use-cases about tenants, people and credentials."""
