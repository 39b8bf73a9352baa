"""The HTTP server: how it starts, what it accepts from a connection, and how large a request may be."""
