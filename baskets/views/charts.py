"""Charts at addresses of their own: the figure as JSON, its table as CSV, its picture as SVG."""

from __future__ import annotations

import json
from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from baskets.charts import palette, words
from baskets.charts.chart import Chart
from baskets.charts.figures_eval import eval_chart
from baskets.charts.figures_frontier import frontier_chart
from baskets.charts.figures_gap import gap_chart
from baskets.charts.figures_generations import generations_chart
from baskets.charts.figures_profile import profile_chart
from baskets.charts.figures_sparkline import sparkline_chart
from baskets.charts.figures_weights import weights_chart
from baskets.charts.labels import place
from baskets.charts.poster import poster
from baskets.models import Basket, Release
from baskets.selectors import baskets as basket_selectors
from baskets.selectors.evals import counted_in, goalposts_of
from baskets.selectors.frontier import frontier_facts
from baskets.selectors.gap import gaps
from baskets.selectors.generations import generation_facts
from baskets.selectors.profile import predecessor, profile_facts
from baskets.selectors.scores import eval_history
from baskets.views import page
from baskets.views.page import Shown
from evals.models import Eval, System

Builder = Callable[[HttpRequest, Release, Shown], Chart | None]
NARROW = 640
SIZES = (200, 2400)


def _frontier(request: HttpRequest, release: Release, shown: Shown) -> Chart | None:
    series = page.choice(request, "series", words.SERIES, "capability")
    log = page.choice(request, "scale", ("linear", "log"), "linear") == "log"
    facts = frontier_facts(release, series)
    state = {**shown.kept, "series": series} | ({"scale": "log"} if log else {})
    return frontier_chart(facts, log=log, state=state) if facts.marks else None


def _domains(request: HttpRequest, release: Release, shown: Shown) -> Chart | None:
    series = page.choice(request, "series", words.SERIES, "capability")
    facts = frontier_facts(release, series)
    return sparkline_chart(facts, state={**shown.kept, "series": series}) if facts.steps else None


def _generations(request: HttpRequest, release: Release, shown: Shown) -> Chart | None:
    series = page.choice(request, "series", words.SERIES, "capability")
    facts = generation_facts(release, series)
    state = {**shown.kept, "series": series}
    return generations_chart(facts, state=state) if facts.developers else None


def _gap(request: HttpRequest, release: Release, shown: Shown) -> Chart | None:
    found = gaps(release)
    return gap_chart(found, state=shown.kept) if found else None


def _profile(request: HttpRequest, release: Release, shown: Shown) -> Chart | None:
    slug = page.text(request, "system")
    system = System.objects.filter(slug=slug).first()
    if system is None:
        return None
    facts = profile_facts(release, system, predecessor(release, system))
    return profile_chart(facts, state={**shown.kept, "system": slug}) if facts.rows else None


def _eval_history(request: HttpRequest, release: Release, shown: Shown) -> Chart | None:
    slug = page.text(request, "eval")
    item = Eval.objects.select_related("domain").filter(slug=slug).first()
    if item is None:
        return None
    counted = counted_in(item, release.basket.slug, shown.known)
    goalposts = goalposts_of(item, counted[0].weight if counted else None)
    history = eval_history(item, release, goalposts, shown.known)
    return eval_chart(history, state={**shown.kept, "eval": slug}) if history.rows else None


def _weights(request: HttpRequest, release: Release, shown: Shown) -> Chart | None:
    slug = page.text(request, "basket") or release.basket.slug
    number = page.whole_number(request, "version")
    basket = Basket.objects.filter(slug=slug).first()
    of_its_own = page.shown(request, slug).known
    versions = basket_selectors.published_versions(basket, of_its_own) if basket else []
    chosen = [v for v in versions if number is None or v.number == number]
    if basket is None or not chosen:
        return None
    version = chosen[-1]
    before = next((v for v in reversed(versions) if v.number < version.number), None)
    state = {**shown.kept, "basket": slug, "version": str(version.number)}
    rows = basket_selectors.weight_rows(version, before)
    return weights_chart(rows, basket=basket.name, number=version.number, state=state)


BUILDERS: dict[str, Builder] = {
    "frontier": _frontier,
    "domains": _domains,
    "generations": _generations,
    "safety-gap": _gap,
    "system-profile": _profile,
    "eval-history": _eval_history,
    "weights": _weights,
}


@page.public_page
def chart(request: HttpRequest, name: str, kind: str) -> HttpResponse:
    """A chart's twin of the kind in its address, with the state in its query."""
    if name not in BUILDERS or kind not in {"json", "csv", "svg"}:
        raise Http404(_("There is no chart at this address."))
    theme = page.choice(request, "theme", tuple(palette.THEMES), "light")
    shown = page.shown(request)
    release = shown.release
    built = BUILDERS[name](request, release, shown) if release else None
    if built is None or release is None:
        return render(request, "404.html", {"reason": _("This chart has nothing to draw.")},
                      status=404)  # fmt: skip
    if kind == "csv":
        response = HttpResponse(built.table_csv(), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'inline; filename="{built.ident}.csv"'
        return response
    if kind == "svg":
        return HttpResponse(poster(built, release, theme), content_type="image/svg+xml")
    return _figure(request, built, theme)


def _figure(request: HttpRequest, built: Chart, theme: str) -> HttpResponse:
    """The Plotly figure in fixed colours, its labels placed for the size that is asked for."""
    width, height = page.whole_number(request, "w"), page.whole_number(request, "h")
    least, most = SIZES
    narrow = width is not None and width < NARROW
    size = built.narrow_size if narrow else built.wide_size
    if width and height:
        size = (min(max(width, least), most), min(max(height, 40), most))
    figure = place(built.narrow if narrow else built.wide, *size)
    body = json.dumps(palette.resolve(figure, theme), ensure_ascii=False, separators=(",", ":"))
    return HttpResponse(body, content_type="application/json")
