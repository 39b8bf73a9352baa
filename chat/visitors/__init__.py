"""Visitors: who may talk to a bot on a page, and the widget that they talk through."""
