"""Runs the product on one machine: embedded PostgreSQL and Valkey, the web server and the worker."""
