"""Gives every test the fixtures of the whole product."""

from chatcms.tests.fixtures import *  # noqa: F403
