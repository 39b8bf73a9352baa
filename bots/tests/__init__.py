"""Tests of the bots app."""
