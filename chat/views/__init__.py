"""Pages about conversations."""
