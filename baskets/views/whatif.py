"""What a basket would say under a reader's own weights: the page, its numbers, its chart."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control

from baskets.charts import words
from baskets.charts.chart import Chart
from baskets.charts.figures_whatif import whatif_chart
from baskets.charts.state import ORDER
from baskets.engine import EngineError
from baskets.models import Basket, Release
from baskets.models.own import ID_LENGTH, SIGNS
from baskets.prose.whatif import refused, said
from baskets.selectors.catalog import SystemName, eval_names, system_names
from baskets.selectors.whatif import reader_preview
from baskets.selectors.whatif_frames import Kept, release_frame
from baskets.selectors.whatif_parts import Preview, SeriesPreview
from baskets.selectors.whatif_weights import EVAL, domain_shares
from baskets.views import page
from baskets.views.page import Shown
from baskets.views.whatif_json import as_json
from baskets.views.whatif_query import Chosen, asked_weights, written

SERIES = ("headline", "balanced", "capability", "safety", "alignment")
LISTED = 10


@dataclass(frozen=True)
class Asked:
    """What the address of a what-if asks, and the index with it; `refusal` says why there is none.

    Before it is computed there is neither.
    """

    series: str
    chosen: Chosen
    kept: Kept
    preview: Preview | None = None
    refusal: str = ""

    @property
    def state(self) -> dict[str, str]:
        """The part of the address that holds the weights and the series."""
        series = {} if self.series == SERIES[0] else {"series": self.series}
        return {**self.chosen.state, **series}


def _read(request: HttpRequest, release: Release) -> Asked:
    """What the address asks, not computed yet."""
    series = page.choice(request, "series", SERIES, SERIES[0])
    kept = release_frame(release)
    evals = kept.frame.problem.eval_by_id
    offered = {name: evals[name] for name in kept.frame.problem.baskets[-1].weights}
    return Asked(series, asked_weights(request, kept.published, offered), kept)


def _computed(asked: Asked, release: Release, *, links: bool = False) -> Asked:
    """The same with its index; links: only who shows them needs them computed."""
    weights, series = asked.chosen.weights, asked.series
    try:
        preview = reader_preview(release, weights, shown=series, band=False, links=links)
    except EngineError as error:
        return replace(asked, refusal=refused(error))
    return replace(asked, preview=preview)


def _asked(request: HttpRequest, release: Release, *, links: bool = False) -> Asked:
    return _computed(_read(request, release), release, links=links)


def _of_basket(request: HttpRequest, slug: str) -> tuple[Basket, Shown]:
    found = Basket.objects.select_related("base").filter(slug=slug).first()
    if found is None:
        raise Http404(_("There is no basket of this name."))
    return found, page.shown(request, slug)


@page.public_page
def whatif(request: HttpRequest, slug: str) -> HttpResponse:
    """The page; an address that says the same as a shorter one leads there."""
    basket, shown = _of_basket(request, slug)
    if shown.release is None:
        return page.nothing_known(request, "baskets", shown)
    adding, origin = _added(request, shown.release), _origin(request)
    asked = _read(request, shown.release)
    state = {**shown.kept_for(slug), **asked.state, **adding, **origin}
    address = _address(slug, state)
    if dict(request.GET.items()) != state:
        return HttpResponseRedirect(address)
    asked = _computed(asked, shown.release)
    context = _results(asked, basket, shown, address, origin)
    context |= {"basket": basket, "pin": shown.kept_for(slug) | origin, **_form(asked)}
    return page.answer(request, "baskets/whatif.html", "baskets", shown, **context)


@page.sealed_file
@cache_control(private=True, max_age=60)
def whatif_results(request: HttpRequest, slug: str) -> HttpResponse:
    """What changes on the page while weights move, and nothing else; kept by nobody else."""
    basket, shown = _of_basket(request, slug)
    if shown.release is None:
        raise Http404(_("This basket has no release."))
    asked, origin = _asked(request, shown.release), _origin(request)
    address = _address(slug, {**shown.kept_for(slug), **asked.state, **origin})
    context = page.shared("baskets", shown) | _results(asked, basket, shown, address, origin)
    return render(request, "baskets/whatif_results.html", context)


@page.sealed_file
@cache_control(private=True, max_age=60)
def whatif_json(request: HttpRequest, slug: str) -> HttpResponse:
    """The same numbers as JSON; 422 with the reason where there is no index with these weights."""
    basket, shown = _of_basket(request, slug)
    if shown.release is None:
        return JsonResponse({"error": _("This basket has no release.")}, status=404)
    asked = _asked(request, shown.release, links=True)
    if asked.preview is None:
        return JsonResponse({"error": asked.refusal}, status=422)
    address = settings.SITE_URL + _address(slug, {**shown.kept_for(slug), **asked.state})
    return JsonResponse(as_json(asked.preview, basket, shown.release, address))


def _address(slug: str, state: dict[str, str]) -> str:
    """The page with these weights."""
    path = reverse("baskets:what-if", args=[slug])
    return f"{path}?{urlencode(sorted(state.items()))}" if state else path


def chart(request: HttpRequest, release: Release, shown: Shown) -> Chart | None:
    """The chart of a what-if in the state of the address."""
    asked = _asked(request, release)
    names = system_names()
    return _chart(asked, release.basket, release, {**shown.kept, **asked.state}, names)


def _chart(
    asked: Asked,
    basket: Basket,
    release: Release,
    state: dict[str, str],
    names: dict[str, SystemName],
) -> Chart | None:
    row = _shown_row(asked.preview)
    if row is None or not (row.before or row.after):
        return None
    base = names[asked.kept.frame.problem.method.base].name
    return whatif_chart(row, base=base, until=release.vintage_on, names=names, state=state)


def _shown_row(preview: Preview | None) -> SeriesPreview | None:
    if preview is None:
        return None
    return next((row for row in preview.series if row.series == preview.shown), None)


def _added(request: HttpRequest, release: Release) -> dict[str, str]:
    """The eval that `add` names, at the mean weight of the newest version."""
    name = page.text(request, "add")
    if not name:
        return {}
    kept = release_frame(release)
    if name not in kept.frame.problem.baskets[-1].weights:
        raise page.BadQuery(_("There is no eval “%(name)s” to be added.") % {"name": name})
    if name in kept.published or EVAL + name in request.GET:
        return {}
    return {EVAL + name: written(1 / len(kept.published))}


def _origin(request: HttpRequest) -> dict[str, str]:
    """The part of the address that names the own basket from which these weights came."""
    name = page.text(request, "own")
    if name and re.fullmatch(rf"[{SIGNS}]{{{ID_LENGTH}}}", name) is None:
        raise page.BadQuery(_("“own” is not the address of an own basket."))
    return {"own": name} if name else {}


def _to_save(asked: Asked, basket: Basket, origin: dict[str, str]) -> str:
    """Where these weights can be saved as an own basket."""
    state = {**asked.chosen.state, **origin, "basket": basket.slug}
    return f"{reverse('baskets:own-new')}?{urlencode(sorted(state.items()))}"


def _results(
    asked: Asked, basket: Basket, shown: Shown, address: str, origin: dict[str, str]
) -> dict[str, Any]:
    """What changes while weights move."""
    names, release = system_names(), shown.release
    assert release is not None
    to_share = _address(basket.slug, {**asked.state, "release": str(release.number)})
    context: dict[str, Any] = {
        "address": address,
        # To be passed on: whoever opens them sees these numbers, also after the next release.
        "to_share": to_share,
        "json": to_share.replace("/what-if/", "/what-if.json", 1),
        # Own baskets begin with what is known now.
        "to_save": "" if shown.past else _to_save(asked, basket, origin),
        "refusal": asked.refusal,
        "series": asked.series,
    }
    if asked.preview is None:
        return context
    preview = asked.preview
    state = {**shown.kept, **asked.state}
    return context | {
        "preview": preview,
        "said": said(preview, names),
        "chart": _chart(asked, basket, release, state, names),
        "rows": [
            (row, _ends(row.before, names), _ends(row.after, names))
            for row in sorted(preview.series, key=lambda row: _place(row.series))
        ],
        "systems": [(row, names[row.system]) for row in preview.systems[:LISTED]],
        "lost": [names[slug] for row in preview.series for slug in row.lost
                 if row.series == preview.shown],
        "gained": [names[slug] for row in preview.series for slug in row.gained
                   if row.series == preview.shown],
        "effects": _effects(preview, asked.kept),
    }  # fmt: skip


def _ends(steps: tuple[Any, ...], names: dict[str, SystemName]) -> tuple[Any, SystemName] | None:
    """The newest step of a frontier and its system."""
    return (steps[-1], names[steps[-1].system]) if steps else None


def _place(series: str) -> tuple[int, str]:
    """The known series in their order, then others by name."""
    return (ORDER.index(series) if series in ORDER else len(ORDER), series)


def _effects(preview: Preview, kept: Kept) -> list[dict[str, Any]]:
    """Every eval with its published share, its new one, and what that does."""
    names = eval_names()
    effect = {row.eval: row.variance_share for row in preview.effective}
    every = {**kept.published, **preview.weights}
    order = sorted(every, key=lambda name: (-preview.weights.get(name, 0.0), name))
    return [
        {
            "eval": names[name],
            "published": kept.published.get(name, 0.0),
            "share": preview.weights.get(name, 0.0),
            "effect": effect.get(name),
        }
        for name in order
    ]


def _form(asked: Asked) -> dict[str, Any]:
    """The fields of the form: domains, the evals within each, and evals that can be added.

    A domain without a published weight has no number of its own: its evals weigh what they say.
    """
    names, kept, chosen = eval_names(), asked.kept, asked.chosen
    offered = kept.frame.problem.baskets[-1].weights
    evals = kept.frame.problem.eval_by_id
    shares = domain_shares(kept.published, evals)
    groups = []
    for domain in sorted({evals[name].domain for name in chosen.evals}, key=_place):
        fields = [
            (names[name], text, written(kept.published.get(name, 0.0)))
            for name, text in chosen.evals.items()
            if evals[name].domain == domain
        ]
        fields.sort(key=lambda field: (-float(field[2]), field[0].name))
        own = chosen.domains.get(domain)
        groups.append((domain, own, written(shares.get(domain, 0.0)), fields))
    others = [names[name] for name in offered if name not in chosen.evals]
    return {
        "groups": groups,
        "switch": [(name, words.series_name(name)) for name in SERIES],
        "others": sorted(others, key=lambda item: (item.domain, item.name)),
    }
