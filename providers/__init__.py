"""With what: model providers, the adapters to their vendors, and their keys."""
