"""OpenAI's responses in front of the same turns: items in, items and typed events out."""
