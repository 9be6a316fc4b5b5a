"""What several pages about a person have in common."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from alerts import tasks, tokens
from alerts.models import Delivery

THROTTLED = 429
GONE = 410


def send_soon(delivery: Delivery | None) -> None:
    """Tell a worker of a delivery once it is stored."""
    if delivery is not None:
        transaction.on_commit(partial(tasks.hint, delivery.channel))


def dead_link(request: HttpRequest, error: tokens.TokenError) -> HttpResponse:
    """What a link says that does not work, or not any more."""
    expired = isinstance(error, tokens.TokenExpired)
    context = {
        "section": "alerts",
        "expired": expired,
        "days": error.days if isinstance(error, tokens.TokenExpired) else 0,
    }
    status = GONE if expired else 404
    return unlisted(render(request, "alerts/dead_link.html", context, status=status))


def unlisted(response: HttpResponse) -> HttpResponse:
    """Keep a person's page out of lists of pages."""
    response["X-Robots-Tag"] = "noindex"
    return response
