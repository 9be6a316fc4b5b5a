"""The sections of the methodology page, by the anchor that leads to each."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

SECTIONS = (
    ("points", _("From a score to points")),
    ("cells", _("Which score counts")),
    ("missing", _("Missing scores")),
    ("index", _("The index within one basket")),
    ("links", _("A harder basket without a break")),
    ("uncertainty", _("Uncertainty")),
    ("evidence", _("Do the intervals hold what they promise?")),
    ("contributions", _("Contributions")),
    ("moved", _("Why a value moved")),
    ("core", _("Core measures")),
    ("sensitivity", _("Sensitivity to judgement")),
    ("releases", _("Releases")),
    ("frontier", _("Frontier, generations and the safety gap")),
    ("ladder", _("Like for like")),
    ("safety-gap", _("The safety gap")),
    ("saturation", _("Saturation and lifecycle")),
    ("refusals", _("What the engine refuses")),
    ("sources", _("Sources")),
)
