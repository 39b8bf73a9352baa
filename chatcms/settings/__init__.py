"""Django's settings, from the environment, a module for each subject; this one is named to Django.

Production refuses to start on a missing or default secret.
"""

from __future__ import annotations

from chatcms.config.environment import BASE_DIR as BASE_DIR
from chatcms.config.environment import ENVIRONMENT as ENVIRONMENT
from chatcms.config.environment import IS_PRODUCTION as IS_PRODUCTION
from chatcms.config.environment import VAR_DIR as VAR_DIR
from chatcms.config.environment import env
from chatcms.settings.api import *
from chatcms.settings.base import *
from chatcms.settings.files import *
from chatcms.settings.jobs import *
from chatcms.settings.outside import *
from chatcms.settings.people import *
from chatcms.settings.stores import *
from chatcms.settings.web import *

# Here, since all settings have been read now.
env.refuse()
