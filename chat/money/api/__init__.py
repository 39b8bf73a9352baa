"""The API of budgets and usage."""
