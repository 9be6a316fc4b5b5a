"""What the columns of charts' tables hold, in words, by their keys."""

from __future__ import annotations

from django.utils.translation import gettext as _

from baskets.charts.chart import Column

TYPES = {
    "points": "number",
    "number": "number",
    "share": "number",
    "share1": "number",
    "date": "date",
    "status": "boolean",
    "flag": "boolean",
}
"""The type of a column's values by its kind; everything else is text."""


def _notes() -> dict[str, str]:
    return {
        "system": _("Name of the system"),
        "developer": _("Who made the system"),
        "generation": _("The developer's family of systems that it belongs to"),
        "released_on": _("Day on which the system came out, ISO 8601"),
        "low": _("Lower end of the 95% interval; empty where it is not known"),
        "high": _("Upper end of the 95% interval; empty where it is not known"),
        "coverage": _("Share of the basket's weight that was observed, 0 to 1"),
        "official": _("Whether there is enough evidence for the value to count"),
        "frontier": _("Whether the system raised the highest official value"),
        "passed": _("The system that stood on the frontier before"),
        "rise": _("Points above the frontier before"),
        "rise_low": _("Lower end of the rise's 95% interval, on paired replicates"),
        "rise_high": _("Upper end of the rise's 95% interval, on paired replicates"),
        "ahead": _("Share of the replicates in which the system is ahead of the one it passed"),
        "domain": _("Capability, safety or alignment"),
        "per_year": _("Goalpost points that the domain gains in a year"),
        "capability_per_year": _("Goalpost points that capability gains in a year"),
        "gap": _("The domain's slope less capability's, along the same systems"),
        "systems": _("Number of systems that the slopes follow"),
        "series": _("The domain, or domain and subdomain"),
        "against": _("The value of the system that is compared"),
        "best": _("The highest official value of any system"),
        "eval": _("Name of the eval"),
        "before": _("Share of the headline in the version before, 0 to 1; empty if new"),
        "share": _("Share of the headline, 0 to 1; empty if it left"),
        "observed_on": _("Day on which the score was reported, ISO 8601"),
        "elicitation": _("How the system was run: tools, effort, prompt"),
        "reported_by": _("Who reported the score"),
        "stands": _("Whether this score stands for the system in the index"),
        "step": _("What adds to the difference: an eval, or everything else together"),
        "points": _("Index points that it adds; with a minus where it takes them away"),
        "level": _("The index that is reached after it"),
        "source_url": _("Where the score was published"),
    }


def note(column: Column, unit: str) -> str:
    """What a column holds; a column called `value` holds the chart's unit."""
    if column.note:
        return column.note
    if column.key == "value":
        return _("The value, in this unit: %(unit)s") % {"unit": unit}
    return _notes().get(column.key, "")
