"""The tenant's view of all conversations with its bots."""
