"""Conversations as a whole, as those have them who hold them."""
