"""From what: datasets, documents and chunks, how files become chunks, and the one definition of retrieval."""
