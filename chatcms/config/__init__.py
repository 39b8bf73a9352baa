"""Reads the environment before there are settings."""
