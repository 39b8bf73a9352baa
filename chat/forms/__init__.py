"""Forms of the pages about conversations and what they cost."""
