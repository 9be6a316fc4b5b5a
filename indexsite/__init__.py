"""The site: settings, addresses, own servers, and what follows what."""

from indexsite.celery import app as celery_app

__all__ = ["celery_app"]
