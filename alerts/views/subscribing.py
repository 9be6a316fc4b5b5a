"""Subscribe, confirm, unsubscribe and find back: with a link sent by mail, without an account."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from accounts.clients import client_of
from alerts import archive, rule_words, selectors, services, tokens, wording
from alerts.forms import AddressForm, OwnBasketForm, SubscribeForm
from alerts.views.answers import THROTTLED, dead_link, send_soon, unlisted
from alerts.views.managing import own_address
from alerts.views.previewing import may_preview, preview
from baskets.models import OwnBasket
from baskets.views.own_query import one

SHOWN_EVENTS = 10
SHOWN_OWN = 50


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The form, what it does, and the newest events; its answer is the same for everyone."""
    form = SubscribeForm(request.POST if request.method == "POST" else None)
    outcome = _posted(request, form)
    if outcome == ASKED:
        return redirect(reverse("alerts:index") + "?asked=1")
    context = {
        "forgotten": "forgotten" in request.GET,
        "address_form": AddressForm(prefix="manage"),
        "known": own_address(request.user) is not None,
        "events": [wording.describe(one) for one in selectors.past_events(limit=SHOWN_EVENTS)],
    }
    return _shown(request, "alerts/index.html", form, outcome, context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest, public_id: str) -> HttpResponse:
    """The same for a reader's own basket, for whoever has its address."""
    basket = one(public_id)
    form = OwnBasketForm(request.POST if request.method == "POST" else None)
    outcome = _posted(request, form, basket)
    if outcome == ASKED:
        return redirect(reverse("alerts:own", args=[public_id]) + "?asked=1")
    events = archive.of_own(basket)[:SHOWN_OWN]
    context = {"own": basket, "events": [wording.describe(event) for event in events]}
    return unlisted(_shown(request, "alerts/own.html", form, outcome, context))


ASKED, THROTTLED_CLIENT, NOTHING = "asked", "throttled", ""


def _posted(request: HttpRequest, form: SubscribeForm, own: OwnBasket | None = None) -> str:
    """What a posted form came to; `NOTHING` where it is shown again."""
    if "preview" in request.POST:
        # A rule can be tried before anybody gives an address.
        form.fields["email"].required = False
        return NOTHING if may_preview(request) else THROTTLED_CLIENT
    if not (form.is_bound and form.is_valid()):
        return NOTHING
    basket = own.basket if own else selectors.official_basket()
    if basket is None:
        form.add_error(None, _("There is no basket yet, so there is nothing to hear of."))
        return NOTHING
    try:
        delivery = services.subscribe(
            email=form.cleaned_data["email"],
            terms=form.terms,
            basket=basket,
            own=own,
            cadence=form.cleaned_data["cadence"],
            language=get_language() or "en",
            client=client_of(request),
        )
    except services.TooManyRequests:
        return THROTTLED_CLIENT
    send_soon(delivery)
    return ASKED


def _shown(
    request: HttpRequest,
    template: str,
    form: SubscribeForm,
    outcome: str,
    context: dict[str, Any],
) -> HttpResponse:
    throttled = outcome == THROTTLED_CLIENT
    about: OwnBasket | None = context.get("own")
    context |= {
        **(preview(form, about) if form.is_bound and not throttled else {}),
        "section": "alerts",
        "form": form,
        "asked": "asked" in request.GET,
        "throttled": throttled,
        "confirm_days": tokens.CONFIRM_FOR.days,
    }
    status = THROTTLED if throttled else 400 if form.errors else 200
    return render(request, template, context, status=status)


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


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a link to manage; the answer is the same whoever is known here.

    It has an address of its own, so that it can be loaded again and read in another language.
    """
    if request.method != "POST" and "asked" not in request.GET:
        return redirect(reverse("alerts:index") + "#manage")
    context: dict[str, Any] = {"section": "alerts", "hours": tokens.MANAGE_FOR.days * 24}
    if request.method != "POST":
        return unlisted(render(request, "alerts/asked.html", context))
    form = AddressForm(request.POST, prefix="manage")
    if not form.is_valid():
        context["form"] = form
        return unlisted(render(request, "alerts/asked.html", context, status=400))
    try:
        delivery = services.ask_to_manage(
            email=form.cleaned_data["email"], client=client_of(request)
        )
    except services.TooManyRequests:
        return render(request, "alerts/asked.html", {"throttled": True}, status=THROTTLED)
    send_soon(delivery)
    return redirect(reverse("alerts:ask") + "?asked=1")
