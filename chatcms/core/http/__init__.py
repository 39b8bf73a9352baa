"""Requests as they come in: whose they are, what they are called, and the middleware around them."""
