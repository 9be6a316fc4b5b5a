"""The site's WSGI entry point."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from indexsite.slow_readers import bounded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "indexsite.settings")


def settled() -> None:
    """Load what answers requests, and leave all that is loaded out of later collections.

    It stays for as long as the process does. To walk over it took a tenth of a second, which some
    reader waited for at every twentieth page.
    """
    assert get_resolver().url_patterns
    gc.collect()
    gc.freeze()


application = bounded(get_wsgi_application())
settled()
