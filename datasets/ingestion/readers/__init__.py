"""Readers: each turns one kind of file into blocks of text with their headings and pages."""
