"""Tests of the embedded runtime, with the real programs."""
