"""Use-cases of turns."""
