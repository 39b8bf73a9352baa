"""What visitors load."""
