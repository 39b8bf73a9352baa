"""Answers under way: their log in Redis, who is making them, and how far a reader has come."""
