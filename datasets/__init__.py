"""From what: datasets, their documents and chunks, how files become chunks, and the one definition of retrieval."""
