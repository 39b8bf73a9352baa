"""Turns: questions, the engine that answers them, and every face that reads an answer."""
