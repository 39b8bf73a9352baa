"""Serves a turn to a reader: once, below both API and pages."""
