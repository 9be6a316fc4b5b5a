"""One line beside a value: the core measures and what other judgements would give."""

from __future__ import annotations

from django.utils.translation import gettext as _

from baskets.charts.words import points
from baskets.selectors.analyses import Analyses


def beside(found: Analyses, series: str, system: str) -> str:
    """Core index, weighted median and sensitivity band of a value; empty without any of them."""
    core, band = found.core(series, system), found.band(series, system)
    facts = {
        "core": points(core["core"], 0) if core else "",
        "median": points(core["median"], 0) if core else "",
        "low": points(band["low_on_scale"], 0) if band else "",
        "high": points(band["high_on_scale"], 0) if band else "",
    }
    known = tuple(bool(facts[name]) for name in ("core", "median", "low"))
    texts = {
        (True, True, True): _(
            "Without flagged evals %(core)s; weighted median %(median)s; under other defensible "
            "weights %(low)s–%(high)s."
        ),
        (True, True, False): _("Without flagged evals %(core)s; weighted median %(median)s."),
        (False, True, True): _(
            "Weighted median %(median)s; under other defensible weights %(low)s–%(high)s."
        ),
        (False, True, False): _("Weighted median %(median)s."),
        (False, False, True): _("Under other defensible weights %(low)s–%(high)s."),
    }
    return texts[known] % facts if known in texts else ""
