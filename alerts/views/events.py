"""What has happened so far."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from alerts import selectors, wording


@cache_control(public=True, max_age=0, must_revalidate=True)
@require_safe
def event(request: HttpRequest, event_id: int) -> HttpResponse:
    """One event with its drivers."""
    found = selectors.event(event_id)
    if found is None:
        raise Http404(_("There is no event with this number."))
    context = {"section": "alerts", "description": wording.describe(found)}
    return render(request, "alerts/event.html", context)
