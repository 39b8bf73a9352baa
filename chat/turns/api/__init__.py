"""The API of turns."""
