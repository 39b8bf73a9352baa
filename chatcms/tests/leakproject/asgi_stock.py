"""The project on stock parts, served as Django serves."""

import os

os.environ["DJANGO_SETTINGS_MODULE"] = "chatcms.tests.leakproject.settings_stock"

from django.core.asgi import get_asgi_application

application = get_asgi_application()
