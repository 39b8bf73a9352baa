"""OpenAI's protocol in front of the same turns: the model is the bot."""
