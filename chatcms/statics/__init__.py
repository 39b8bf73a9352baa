"""Static files: collected under names of their content, and served in front of Django."""
