"""The site's WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

from indexsite.slow_readers import bounded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "indexsite.settings")

application = bounded(get_wsgi_application())

# What needs the settings can be imported by now.
from indexsite.loaded import read_ahead, settle  # noqa: E402

settle()
read_ahead()
