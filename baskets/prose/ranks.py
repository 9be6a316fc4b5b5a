"""How weights were drawn, and which systems cannot be told apart, in words."""

from __future__ import annotations

from django.utils.translation import gettext as _

from baskets.charts.words import points, probability, rise
from baskets.selectors.ranks import Stability


def drawn(found: Stability) -> list[str]:
    """What the draws vary, a sentence each."""
    design = found.design or {}
    counts = {"draws": points(found.draws, 0), "accepted": points(found.accepted, 0)}
    whole = _("%(draws)s draws were made, and all of them gave an index.")
    part = _("%(draws)s draws were made, of which %(accepted)s gave an index.")
    said = [
        (whole if found.draws == found.accepted else part) % counts,
        _(
            "In each draw every eval's weight is multiplied by a random importance that is 1 on "
            "average. Seven in ten of the weights of an average eval stay between half and one "
            "and a half times what was published."
        ),
        _(
            "With it a scale (points or log-odds), a link (additive or ratio), a mean of the "
            "domains (arithmetic or geometric) and a way of filling missing scores are drawn, "
            "each as likely as any other."
        ),
        _(
            "The scores stay as they were published: this is disagreement about judgement, not "
            "the error of measurement, which the intervals show."
        ),
    ]
    return said if design else said[:1]


def neighbours(found: Stability) -> list[str]:
    """Each neighbour in rank that measurement cannot tell apart."""
    lines = []
    for one, other in found.pairs:
        below = one.below
        assert below is not None
        facts = {
            "one": one.system.name,
            "other": other.system.name,
            "points": points(below.difference),
            "interval": rise(below.low, below.high),
            "probability": probability(below.ahead),
        }
        said = _(
            "%(one)s and %(other)s: %(points)s points (95%% interval %(interval)s); %(one)s is "
            "ahead in %(probability)s of the replicates."
        )
        lines.append(said % facts)
    return lines
