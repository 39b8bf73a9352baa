"""The ASGI entry: static files are answered at the door, everything else by Django."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatcms.settings")
os.environ.setdefault("CHATCMS_PROCESS", "web")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from chatcms.staticserver import with_static_files

application = with_static_files(django_application)
