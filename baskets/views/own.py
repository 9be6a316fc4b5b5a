"""What the owner of own baskets does: save, rename, weigh anew, delete."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.roles import person
from baskets.engine import EngineError
from baskets.forms_own import NameForm
from baskets.models import OwnBasket, Release
from baskets.prose.whatif import refused
from baskets.selectors import own as selectors
from baskets.selectors import releases
from baskets.selectors.catalog import eval_names
from baskets.selectors.whatif import reader_preview
from baskets.selectors.whatif_frames import release_frame
from baskets.services import own as services
from baskets.services.refusals import NotAllowed
from baskets.views import page
from baskets.views.page import BadQuery, Shown
from baskets.views.whatif_query import Chosen, asked_weights


def _frame() -> dict[str, Any]:
    """What the frame of a page needs that shows no release, of any date."""
    return page.shared("baskets", Shown(None)) | {"kept": None}


@never_cache
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """The person's own baskets."""
    context = _frame() | {
        "owns": list(selectors.of_owner(person(request).pk)),
        "most": settings.OWN_BASKETS_PER_PERSON,
        "basket": releases.OFFICIAL_BASKET,
    }
    return render(request, "baskets/own_mine.html", context)


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def save(request: HttpRequest) -> HttpResponse:
    """Save the weights of the address, as a new own basket or as further weights of one.

    `own` names the basket that they came from: a person's own one can be given them, of anybody
    else's the new one is a fork.
    """
    try:
        release, chosen, origin = _asked(request)
    except BadQuery as bad:
        return render(request, "400.html", {"reason": str(bad)}, status=400)
    who = person(request)
    named = request.method == "POST" and "anew" not in request.POST
    form = NameForm(request.POST if named else None)
    refusal = _refusal(release, chosen)
    if request.method == "POST" and not refusal:
        done = _saved(request, form, release, chosen, origin)
        if done is not None:
            return done
    owned = origin is not None and origin.owner_id == who.pk
    context = _frame() | {
        "form": form,
        "basket": release.basket,
        "origin": origin,
        "owned": owned,
        "changed": _changed(chosen),
        "refusal": refusal,
        "address": request.get_full_path(),
        "back": _what_if(release, chosen, origin),
    }
    wrong = form.errors or (refusal and request.method == "POST")
    return render(request, "baskets/own_save.html", context, status=400 if wrong else 200)


def _asked(request: HttpRequest) -> tuple[Release, Chosen, OwnBasket | None]:
    """The newest release, the weights on it, and the own basket that they came from."""
    release = releases.current(page.text(request, "basket") or releases.OFFICIAL_BASKET)
    if release is None:
        raise Http404(_("This basket has no release."))
    kept = release_frame(release)
    evals = kept.frame.problem.eval_by_id
    offered = {name: evals[name] for name in kept.frame.problem.baskets[-1].weights}
    chosen = asked_weights(request, kept.published, offered)
    named = page.text(request, "own")
    origin = selectors.own_basket(named) if named else None
    return release, chosen, origin if origin and origin.basket_id == release.basket_id else None


def _saved(
    request: HttpRequest,
    form: NameForm,
    release: Release,
    chosen: Chosen,
    origin: OwnBasket | None,
) -> HttpResponse | None:
    """Where a form leads that could be saved; None where it is shown again."""
    who = person(request)
    try:
        if "anew" in request.POST and origin is not None:
            services.weigh_anew(origin, by=who, release=release, adjustments=chosen.state)
            messages.success(request, _("The weights count from the next release on."))
            return HttpResponseRedirect(_manage(origin))
        if not form.is_valid():
            return None
        own = services.save_own(
            owner=who,
            name=form.cleaned_data["name"],
            release=release,
            adjustments=chosen.state,
            forked_from=origin if origin is None or origin.owner_id != who.pk else None,
        )
    except NotAllowed as refusal:
        raise PermissionDenied from refusal
    except services.TooMany as refusal:
        messages.error(request, str(refusal))
        return None
    return HttpResponseRedirect(reverse("baskets:own-basket", args=[own.public_id]))


def _refusal(release: Release, chosen: Chosen) -> str:
    """Why there is no index with these weights; empty where there is one."""
    try:
        reader_preview(release, chosen.weights, intervals=False, band=False, links=False)
    except EngineError as error:
        return refused(error)
    return ""


def _changed(chosen: Chosen) -> list[tuple[str, str, str]]:
    """(kind, what it is called, per cent) of every weight that differs from the published one."""
    names = eval_names()
    rows = []
    for key, text in chosen.state.items():
        kind, _dot, name = key.partition(".")
        rows.append((kind, names[name].name if kind == "w" else name, text))
    return rows


def _what_if(release: Release, chosen: Chosen, origin: OwnBasket | None) -> str:
    state = {**chosen.state, **({"own": origin.public_id} if origin else {})}
    path = reverse("baskets:what-if", args=[release.basket.slug])
    return f"{path}?{urlencode(sorted(state.items()))}" if state else path


def _manage(own: OwnBasket) -> str:
    return reverse("baskets:own-manage", args=[own.public_id])


def _owned(request: HttpRequest, public_id: str) -> OwnBasket:
    """The person's own basket, also where it is hidden.

    Http404 where there is none of this id or it is hidden, PermissionDenied where it is somebody
    else's.
    """
    found = OwnBasket.objects.select_related("basket", "forked_from")
    own = found.filter(public_id=public_id).first()
    mine = own is not None and own.owner_id == person(request).pk
    if own is None or (own.hidden_at is not None and not mine):
        raise Http404(_("There is no own basket at this address, or it is not shown."))
    if not mine:
        raise PermissionDenied
    return own


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def manage(request: HttpRequest, public_id: str) -> HttpResponse:
    """Its owner's page of an own basket; a posted form renames it."""
    own = _owned(request, public_id)
    form = NameForm(request.POST or None, initial={"name": own.name})
    if request.method == "POST" and form.is_valid():
        try:
            services.rename(own, by=person(request), name=form.cleaned_data["name"])
        except services.TooMany as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("The basket has its new name."))
        return HttpResponseRedirect(_manage(own))
    return render(request, "baskets/own_manage.html", _of_owner(own, form),
                  status=400 if form.errors else 200)  # fmt: skip


def _of_owner(own: OwnBasket, form: NameForm) -> dict[str, Any]:
    newest = own.versions.latest("number")
    path = reverse("baskets:what-if", args=[own.basket.slug])
    query = urlencode(sorted({**newest.adjustments, "own": own.public_id}.items()))
    return _frame() | {
        "own": own,
        "form": form,
        "versions": list(own.versions.select_related("anchor").defer("anchor__bundle")),
        "waiting": selectors.waiting_of(own),
        "change": f"{path}?{query}",
    }


@require_POST
@login_required
def delete(request: HttpRequest, public_id: str) -> HttpResponse:
    """Delete an own basket with all its releases."""
    own = _owned(request, public_id)
    if "sure" not in request.POST:
        messages.error(request, _("Nothing was deleted: say that you are sure."))
        return HttpResponseRedirect(_manage(own))
    name = own.name
    services.delete_own(own, by=person(request))
    messages.success(request, _("“%(name)s” and its releases are deleted.") % {"name": name})
    return HttpResponseRedirect(reverse("baskets:own"))
