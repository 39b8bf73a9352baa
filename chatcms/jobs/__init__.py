"""Work that must not be lost: the truth is a row in PostgreSQL, the Celery message only a hint."""
