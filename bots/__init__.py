"""What: bots, each with its prompt, model, datasets and manners."""
