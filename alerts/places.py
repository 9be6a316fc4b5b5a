"""Where an event is to be read."""

from __future__ import annotations

from django.conf import settings
from django.urls import reverse

from alerts.models import Event


def event_url(event: Event) -> str:
    """The event's own page, as an address of the web."""
    return str(settings.SITE_URL) + event_path(event)


def more_url(release_url: str) -> str:
    """Where the events are that a message had no place for: with its release, or in the archive."""
    return release_url or str(settings.SITE_URL) + reverse("alerts:events")


def event_path(event: Event) -> str:
    """The same within the site; an event of a reader's own basket is beside that basket alone."""
    if event.own is None:
        return reverse("alerts:event", args=[event.pk])
    return reverse("alerts:own-event", args=[event.own.public_id, event.pk])
