"""The project on our parts, served as the product is."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "chatcms.tests.leakproject.settings_ours"

from chatcms.asgi import application

__all__ = ["application"]
