"""Tests of visitors and the widget."""
