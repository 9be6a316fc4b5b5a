"""Subscribe, confirm, unsubscribe: with a link sent by mail, without an account."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.clients import client_of
from alerts import rule_words, selectors, services, tokens, wording
from alerts.forms import AddressForm, SubscribeForm
from alerts.views.answers import THROTTLED, dead_link, send_soon, unlisted
from alerts.views.managing import own_address
from alerts.views.previewing import preview

SHOWN_EVENTS = 10
PREVIEWS = 120
"""By one client in an hour: each tries a rule on every release."""


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The form, what it does, and the newest events; its answer is the same for everyone."""
    form = SubscribeForm(request.POST if request.method == "POST" else None)
    if "preview" in request.POST:
        # A rule can be tried before anybody gives an address.
        form.fields["email"].required = False
        try:
            services.count_request(f"preview {client_of(request)}", most=PREVIEWS, now=now())
        except services.TooManyRequests:
            return _index(request, form, throttled=True)
    if "preview" in request.POST or not (form.is_bound and form.is_valid()):
        return _index(request, form)
    basket = selectors.official_basket()
    if basket is None:
        form.add_error(None, _("There is no basket yet, so there is nothing to hear of."))
        return _index(request, form)
    try:
        delivery = services.subscribe(
            email=form.cleaned_data["email"],
            terms=form.terms,
            basket=basket,
            cadence=form.cleaned_data["cadence"],
            language=get_language() or "en",
            client=client_of(request),
        )
    except services.TooManyRequests:
        return _index(request, form, throttled=True)
    send_soon(delivery)
    return redirect(reverse("alerts:index") + "?asked=1")


def _index(request: HttpRequest, form: SubscribeForm, *, throttled: bool = False) -> HttpResponse:
    context = {
        **(preview(form) if form.is_bound and not throttled else {}),
        "section": "alerts",
        "form": form,
        "forgotten": "forgotten" in request.GET,
        "address_form": AddressForm(prefix="manage"),
        "asked": "asked" in request.GET,
        "throttled": throttled,
        "known": own_address(request.user) is not None,
        "confirm_days": tokens.CONFIRM_FOR.days,
        "events": [wording.describe(one) for one in selectors.past_events(limit=SHOWN_EVENTS)],
    }
    status = THROTTLED if throttled else 400 if form.errors else 200
    return render(request, "alerts/index.html", context, status=status)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """A button on GET, the confirmation on POST: scanners that open links confirm nothing."""
    try:
        asked = selectors.asked(token)
        if request.method == "POST":
            services.confirm(token)
    except tokens.TokenError as error:
        return dead_link(request, error)
    assert asked.subscription is not None
    context = {
        "section": "alerts",
        "done": request.method == "POST",
        "rule": rule_words.in_words(asked.subscription.rule),
        "cadence": asked.subscription.get_cadence_display(),
    }
    return unlisted(render(request, "alerts/confirm.html", context))


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
    except tokens.TokenError as error:
        return dead_link(request, error)
    context = {"section": "alerts", "done": request.method == "POST"}
    return unlisted(render(request, "alerts/unsubscribe.html", context))
