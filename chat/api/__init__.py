"""The chat API: the product's own routes, and those of OpenAI's protocol."""
