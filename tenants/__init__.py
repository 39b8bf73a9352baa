"""Who: tenants, domains, users, memberships, keys, plans and the audit log (all in the public schema)."""
