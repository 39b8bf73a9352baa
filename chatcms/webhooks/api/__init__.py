"""The API's face of webhooks."""
