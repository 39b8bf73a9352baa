"""A password hasher for tests: Django's own with one iteration, which every process can check."""

from django.contrib.auth.hashers import PBKDF2PasswordHasher


class QuickHasher(PBKDF2PasswordHasher):
    """PBKDF2 without the wait."""

    iterations = 1
