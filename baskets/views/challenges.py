"""Questioning a weight, and what was answered."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.clients import client_of
from baskets.forms_challenge import ChallengeForm
from baskets.models import Basket
from baskets.selectors.challenges import answered, version_in_force
from baskets.services import challenges as services
from baskets.views import page

THROTTLED = 429


@page.public_page
def challenges(request: HttpRequest, slug: str) -> HttpResponse:
    """Every answered question of a basket, eval by eval."""
    basket = _basket(slug)
    shown = page.shown(request, slug)
    if shown.past and shown.release is None:
        return page.nothing_known(request, "baskets", shown)
    found = answered(basket, shown.known)
    rows = sorted(found.values(), key=lambda rows: rows[0].eval.name)
    context = {"basket": basket, "questions": [(rows[0].eval, rows) for rows in rows]}
    return page.answer(request, "baskets/challenges.html", "baskets", shown, **context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def challenge(request: HttpRequest, slug: str, item: str) -> HttpResponse:
    """The form for one weight of the version in force, and the word that the question came."""
    basket = _basket(slug)
    version = version_in_force(basket)
    weight = version.weights.filter(eval__slug=item).select_related("eval__domain").first() \
        if version else None  # fmt: skip
    if version is None or weight is None:
        raise Http404(_("The basket counts no eval of this name now."))
    form = ChallengeForm(request.POST if request.method == "POST" else None)
    throttled = False
    if form.is_bound and form.is_valid():
        try:
            services.ask(version, weight.eval, **form.cleaned_data, client=client_of(request))
        except services.TooManyRequests:
            throttled = True
        else:
            return HttpResponseRedirect(
                reverse("baskets:challenge", args=[slug, item]) + "?asked=1"
            )
    context = {
        **page.shared("baskets", page.Shown(None, basket=slug)),
        "basket": basket,
        "version": version,
        "weight": weight,
        "form": form,
        "asked": "asked" in request.GET,
        "throttled": throttled,
        "most": services.REQUESTS_PER_CLIENT,
    }
    status = THROTTLED if throttled else 400 if form.errors else 200
    response = render(request, "baskets/challenge.html", context, status=status)
    response["X-Robots-Tag"] = "noindex"
    return response


def _basket(slug: str) -> Basket:
    found = Basket.objects.select_related("base").filter(slug=slug).first()
    if found is None:
        raise Http404(_("There is no basket of this name."))
    return found
