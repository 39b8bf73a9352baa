"""The work of ingestion: a file is read, split, embedded, and written as chunks."""
