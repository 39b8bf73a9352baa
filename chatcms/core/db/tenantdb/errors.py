"""What the pool of connections raises: only this package opens sessions, so only it knows the pool."""

from psycopg_pool import PoolTimeout

__all__ = ["PoolTimeout"]
