"""Words and marks for documents, in templates."""
