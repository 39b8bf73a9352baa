"""The demonstration: a tenant of an invented bicycle maker whose bot answers before anything is set up."""
