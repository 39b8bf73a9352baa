"""Gives the tests of all subjects the fixtures that they share."""

from chat.tests.fixtures import *  # noqa: F403
