"""The platform's own providers, in the public schema (an app of its own: no table is in both kinds of schema)."""
