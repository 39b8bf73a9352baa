"""The API of the platform's staff: another face of the services that Django's admin calls."""
