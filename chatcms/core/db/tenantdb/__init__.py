"""The database backend that keeps the active tenant in a ContextVar instead of on the connection."""
