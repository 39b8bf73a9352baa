"""The roof: pages that put several apps together."""
