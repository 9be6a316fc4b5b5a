"""Every chart by its name: how the address's state becomes a finished chart."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from baskets.charts.chart import Chart
from baskets.charts.figures_eval import eval_chart
from baskets.charts.figures_frontier import frontier_chart
from baskets.charts.figures_gap import gap_chart
from baskets.charts.figures_generations import generations_chart
from baskets.charts.figures_profile import profile_chart
from baskets.charts.figures_sparkline import sparkline_chart
from baskets.charts.figures_weights import weights_chart
from baskets.charts.state import series_option
from baskets.models import Basket, Release
from baskets.selectors import baskets as basket_selectors
from baskets.selectors.evals import counted_in, goalposts_of
from baskets.selectors.frontier import frontier_facts
from baskets.selectors.gap import gaps
from baskets.selectors.generations import generation_facts
from baskets.selectors.profile import predecessor, profile_facts
from baskets.selectors.scores import eval_history
from baskets.views import charts_compared, looks, own_charts, page, whatif
from baskets.views.page import Shown
from evals.models import Eval, System

Builder = Callable[[HttpRequest, Release, Shown], Chart | None]


def _frontier(request: HttpRequest, release: Release, shown: Shown) -> Chart | None:
    asked = looks.whole(looks.frontier(request, shown, release))
    facts = frontier_facts(release, asked.series)
    if not facts.marks:
        return None
    return frontier_chart(facts, look=asked.look, state=asked.state, controls=asked.controls)


def _domains(request: HttpRequest, release: Release, shown: Shown) -> Chart | None:
    asked = looks.asked(request, shown, (series_option(),))
    facts = frontier_facts(release, asked.series)
    return sparkline_chart(facts, state=asked.state) if facts.steps else None


def _generations(request: HttpRequest, release: Release, shown: Shown) -> Chart | None:
    asked = looks.whole(looks.generations(request, shown, release))
    facts = generation_facts(release, asked.series)
    if not facts.developers:
        return None
    return generations_chart(facts, look=asked.look, state=asked.state, controls=asked.controls)


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
    if not history.rows:
        return None
    asked = looks.whole(looks.eval_history(request, shown, release, history, slug))
    return eval_chart(history, look=asked.look, state=asked.state, controls=asked.controls)


def _weights(request: HttpRequest, release: Release, shown: Shown) -> Chart | None:
    slug = page.text(request, "basket") or release.basket.slug
    number = page.whole_number(request, "version")
    basket = Basket.objects.filter(slug=slug).first()
    versions = basket_selectors.published_versions(basket, shown.known) if basket else []
    chosen = [v for v in versions if number is None or v.number == number]
    if basket is None or not chosen:
        return None
    version = chosen[-1]
    before = next((v for v in reversed(versions) if v.number < version.number), None)
    state = {**shown.kept, "basket": slug, "version": str(version.number)}
    rows = basket_selectors.weight_rows(version, before)
    return weights_chart(rows, basket=basket.name, number=version.number, state=state,
                         before=before.number if before else None)  # fmt: skip


BUILDERS: dict[str, Builder] = {
    "frontier": _frontier,
    "domains": _domains,
    "generations": _generations,
    "safety-gap": _gap,
    "system-profile": _profile,
    "eval-history": _eval_history,
    "weights": _weights,
    "what-if": whatif.chart,
    "own": own_charts.chart,
    **charts_compared.BUILDERS,
}


def chart_of(request: HttpRequest, name: str, shown: Shown) -> Chart | None:
    """The chart of this name in the state of the address; None where it has nothing to draw.

    Raises Http404 for a name that no chart has, BadQuery for a state that it does not have.
    """
    if name not in BUILDERS:
        raise Http404(_("There is no chart at this address."))
    return BUILDERS[name](request, shown.release, shown) if shown.release else None
