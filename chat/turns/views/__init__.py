"""Pages in which members ask."""
