"""Gives every test the fixtures of the whole product, and Hypothesis the same examples in every run.

A machine that is busy is ten times slower, so no example has a time limit. For a search among other examples:
`python -m pytest --hypothesis-profile=search`.
"""

from hypothesis import HealthCheck, settings

from chatcms.tests.browser import browser  # noqa: F401
from chatcms.tests.fixtures import *  # noqa: F403

settings.register_profile("suite", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("search", settings.get_profile("suite"), derandomize=False, max_examples=1000)
settings.load_profile("suite")
