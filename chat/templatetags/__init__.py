"""Words and marks for conversations, in templates."""
