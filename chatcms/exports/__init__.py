"""All that a tenant has, as one file for its owners."""
