"""Gives every test the fixtures of the whole product."""

from chatcms.tests.browser import browser  # noqa: F401
from chatcms.tests.fixtures import *  # noqa: F403
