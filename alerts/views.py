"""The alerts pages: subscribe, confirm, unsubscribe, and what has happened so far."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.clients import client_of
from alerts import selectors, services, tasks, tokens, wording
from alerts.forms import SubscribeForm

SHOWN_EVENTS = 50
THROTTLED = 429
GONE = 410


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The form, what it does, and past events; the answer to the form is the same for everyone."""
    form = SubscribeForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            delivery = services.subscribe(**form.cleaned_data, client=client_of(request))
        except services.TooManyRequests:
            return _index(request, form, throttled=True)
        if delivery is not None:
            transaction.on_commit(partial(tasks.hint, delivery.pk))
        return redirect(reverse("alerts:index") + "?asked=1")
    return _index(request, form)


def _index(request: HttpRequest, form: SubscribeForm, *, throttled: bool = False) -> HttpResponse:
    events = [wording.describe(event) for event in selectors.past_events(limit=SHOWN_EVENTS)]
    context = {
        "section": "alerts",
        "form": form,
        "asked": "asked" in request.GET,
        "throttled": throttled,
        "confirm_days": tokens.CONFIRM_FOR.days,
        "events": events,
    }
    status = THROTTLED if throttled else 400 if form.errors else 200
    return render(request, "alerts/index.html", context, status=status)


@cache_control(public=True, max_age=0, must_revalidate=True)
@require_safe
def event(request: HttpRequest, event_id: int) -> HttpResponse:
    """One event with its drivers."""
    found = selectors.event(event_id)
    if found is None:
        raise Http404(_("There is no event with this number."))
    context = {"section": "alerts", "description": wording.describe(found)}
    return render(request, "alerts/event.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """A button on GET, the confirmation on POST: scanners that open links confirm nothing."""
    try:
        asked = selectors.asked(token)
        if request.method == "POST":
            services.confirm(token)
    except tokens.TokenExpired:
        return _dead_link(request, expired=True)
    except tokens.TokenError:
        return _dead_link(request, expired=False)
    context = {
        "section": "alerts",
        "done": request.method == "POST",
        "series": wording.label(asked.subscription.series),
        "threshold": wording.points(asked.threshold or 0),
    }
    return _unlisted(render(request, "alerts/confirm.html", context))


@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """A button on GET; POST ends the subscription with neither cookie nor log-in (RFC 8058)."""
    try:
        if request.method == "POST":
            services.unsubscribe(token)
        else:
            tokens.read_unsubscribe_token(token)
    except tokens.TokenError:
        return _dead_link(request, expired=False)
    context = {"section": "alerts", "done": request.method == "POST"}
    return _unlisted(render(request, "alerts/unsubscribe.html", context))


def _dead_link(request: HttpRequest, *, expired: bool) -> HttpResponse:
    context = {"section": "alerts", "expired": expired, "days": tokens.CONFIRM_FOR.days}
    status = GONE if expired else 404
    return _unlisted(render(request, "alerts/dead_link.html", context, status=status))


def _unlisted(response: HttpResponse) -> HttpResponse:
    response["X-Robots-Tag"] = "noindex"
    return response
