"""What is known about a chart, for machines: unit, interval, source, licence, release, columns."""

from __future__ import annotations

from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from baskets.charts import columns
from baskets.charts.chart import Chart
from baskets.charts.citation import citation
from baskets.models import Release

LICENCE = "Apache-2.0"
KINDS = ("json", "csv", "metadata.json", "svg", "png")


def _release(release: Release) -> dict[str, Any]:
    return {
        "basket": release.basket.slug,
        "number": release.number,
        "vintage_on": release.vintage_on.isoformat(),
        "created_at": release.created_at.isoformat(),
        "reconstructed": release.reconstructed,
        "engine": release.engine_version,
        "sha256": release.sha256,
    }


def _columns(chart: Chart) -> list[dict[str, str]]:
    return [
        {
            "key": column.key,
            "label": column.label,
            "type": columns.TYPES.get(column.kind, "text"),
            "description": columns.note(column, chart.unit),
        }
        for column in chart.columns
    ]


def _options(chart: Chart) -> list[dict[str, Any]]:
    return [
        {
            "name": control.option.name,
            "label": control.option.label,
            "values": list(control.option.allowed),
            "default": control.option.standard,
            "chosen": control.chosen,
        }
        for control in chart.controls
    ]


def metadata(chart: Chart, release: Release, *, site: str) -> dict[str, Any]:
    """Everything that a reader of the chart's table needs to know, as JSON would have it."""
    cited = citation(chart, release, site=site)
    return {
        "name": chart.name,
        "language": get_language() or "en",
        "title": chart.title,
        "subtitle": chart.subtitle,
        "description": chart.description,
        "unit": chart.unit,
        "interval": chart.interval,
        "source": _("%(basket)s, computed from published scores; every score names its source")
        % {"basket": release.basket.name},
        "licence": LICENCE,
        "licence_note": _("The scores that it rests on stay under the terms of their sources."),
        "release": _release(release),
        "state": chart.state,
        "options": _options(chart),
        "columns": _columns(chart),
        "citation": {"plain": cited.plain, "bibtex": cited.bibtex},
        "addresses": {kind: site + chart.address(kind) for kind in KINDS}
        | {"embed": site + chart.embed_address},
    }
