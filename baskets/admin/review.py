"""What a version decides, old beside new, and what it would do: for whoever approves it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from baskets.admin.previewing import SERIES, preview_context
from baskets.charts.words import number, percent
from baskets.models import BasketVersion, Weight
from baskets.selectors.baskets import WeightRow
from baskets.selectors.catalog import EvalName, eval_names
from baskets.selectors.proposals import version_changes
from baskets.services.completeness import newest_published

NONE = "–"
# Shares are quotients: what is closer than this is the same share.
SAME = 1e-9
ENDED = (BasketVersion.State.PUBLISHED, BasketVersion.State.WITHDRAWN)


@dataclass(frozen=True)
class Fact:
    """Something that is decided in a version; `before` is None where nothing was before."""

    label: str
    before: str | None
    now: str

    @property
    def moved(self) -> bool:
        """Whether it differs from what was before."""
        return self.before is not None and self.before != self.now


@dataclass(frozen=True)
class Judged:
    """An eval in the version and in the one before: its share, its rule, its goalposts."""

    eval: EvalName
    share: float | None
    share_before: float | None
    rule: Fact
    posts: Fact
    why: str
    owner: str

    @property
    def moved(self) -> bool:
        """Whether anything is decided of it that was not before, its reason aside."""
        if self.share is None or self.share_before is None:
            return True
        same = math.isclose(self.share, self.share_before, rel_tol=SAME)
        return not same or self.rule.moved or self.posts.moved


def review_context(version: BasketVersion) -> dict[str, Any]:
    """The context of the review: facts, evals, overlap, and a preview while it is not published."""
    before = newest_published(version)
    judged = [_judged(row) for row in version_changes(version)]
    context: dict[str, Any] = {
        "facts": list(_facts(version, before)),
        "moved": [row for row in judged if row.moved],
        "kept": [row for row in judged if not row.moved],
        "overlap": list(version.overlap.order_by("name")),
        "previewed": version.state not in ENDED,
    }
    if not context["previewed"]:
        return context
    return context | preview_context(version, None, series=SERIES[0], names=eval_names())


def _facts(version: BasketVersion, before: BasketVersion | None) -> Iterator[Fact]:
    told: dict[str, Callable[[BasketVersion], str]] = {
        _("Effective from"): lambda v: date_format(v.effective_on),
        _("Weight that must be observed for an official headline"): lambda v: percent(
            v.coverage_floor
        ),
        _("Weight that must be observed for an official domain"): lambda v: percent(
            v.domain_coverage_floor
        ),
        _("Evals that must be observed in a domain"): lambda v: number(v.min_evals),
        _("Way of linking"): lambda v: str(v.get_link_display()),
        _("Systems in the overlap"): lambda v: number(v.overlap.count()),
    }
    for label, of in told.items():
        yield Fact(label, of(before) if before else None, of(version))


def _judged(row: WeightRow) -> Judged:
    weight, old = row.weight, row.old
    why = row.departure
    if weight is not None:
        why = " ".join(filter(None, (weight.rationale, weight.goalpost_reason)))
    return Judged(
        eval=row.eval,
        share=row.share,
        share_before=row.before,
        rule=Fact("", _rule(old) if old else None, _rule(weight) if weight else NONE),
        posts=Fact("", _posts(old) if old else None, _posts(weight) if weight else NONE),
        why=why,
        owner=weight.owner if weight else "",
    )


def _rule(row: Weight) -> str:
    rule = str(row.get_selection_display())
    if not row.protocol:
        return rule
    return _("%(rule)s of the runs that name “%(protocol)s”") % {
        "rule": rule,
        "protocol": row.protocol,
    }


def _posts(row: Weight) -> str:
    """The goalposts as they count: the eval's own where the row leaves them open."""
    ends = [
        getattr(row.eval, name) if getattr(row, name) is None else getattr(row, name)
        for name in ("floor", "ceiling")
    ]
    parts = []
    if None not in ends:
        named = {"floor": number(ends[0]), "ceiling": number(ends[1])}
        parts.append(_("%(floor)s to %(ceiling)s") % named)
    if row.reference is not None:
        parts.append(_("reference %(rating)s") % {"rating": number(row.reference)})
    return ", ".join(parts) or NONE
