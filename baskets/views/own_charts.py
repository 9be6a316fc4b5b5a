"""The chart of own baskets beside the official one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.http import HttpRequest

from baskets.charts.chart import Chart
from baskets.charts.figures_own import Line, own_chart
from baskets.models import OwnBasket, Release
from baskets.selectors.catalog import SystemName, system_names
from baskets.selectors.own import SERIES, contents, official_steps, steps_of
from baskets.selectors.own_content import Json
from baskets.views import page
from baskets.views.own_query import several
from baskets.views.page import Shown


def chart(request: HttpRequest, release: Release, shown: Shown) -> Chart | None:
    """The chart in the state of the address; None where a basket lacks the release yet."""
    owns = several(request)
    series = page.choice(request, "series", SERIES, SERIES[0])
    found = contents(owns, release) if owns else {}
    if not owns or len(found) < len(owns) or owns[0].basket_id != release.basket_id:
        return None
    return drawn(owns, found, release, series, system_names(), shown.kept)


def drawn(
    owns: Sequence[OwnBasket],
    found: Mapping[int, Json],
    release: Release,
    series: str,
    names: Mapping[str, SystemName],
    kept: Mapping[str, str],
) -> Chart | None:
    """The official frontier and those of own baskets; None where none of them has a step.

    found: the content of their releases by key. kept: what pins the release in the address.
    """
    lines = [Line("", official_steps(release, series))]
    lines += [Line(own.name, steps_of(found[own.pk], series)) for own in owns]
    if not any(line.steps for line in lines):
        return None
    return own_chart(
        lines,
        series=series,
        base=release.basket.base.name,
        until=release.vintage_on,
        names=names,
        state={**kept, "own": ",".join(own.public_id for own in owns), "series": series},
    )
