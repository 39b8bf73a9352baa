"""Thin translators between the product and each vendor; they know neither Django nor each other."""
