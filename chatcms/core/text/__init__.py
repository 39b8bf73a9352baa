"""Text from outside and for outside: made safe, rendered, compared, read as JSON, written as CSV."""
