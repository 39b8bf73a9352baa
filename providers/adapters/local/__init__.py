"""The provider that needs no key and no network: an embedding model and an answerer that quotes."""
