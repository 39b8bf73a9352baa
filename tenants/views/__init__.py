"""Pages about people, and about what a tenant sets for itself."""
