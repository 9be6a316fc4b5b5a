"""Which systems entered, how far each frontier moved and what drove it, in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from baskets.charts.words import DOMAINS, interval, points, probability, rise, series_name, signed
from baskets.models import IndexPoint
from baskets.prose.listing import listed, listed_long
from baskets.selectors.frontier import Step
from baskets.selectors.moves import Mover
from baskets.selectors.news import Entry, News
from baskets.selectors.release_pages import NOTICEABLE, SeriesMove

NAMED = 4
DRIVEN = 2


def entered(found: News) -> str:
    """The systems that had no value before, and where they stand."""
    if found.first:
        return _(
            "This is the first release: nothing was published before it, so nothing in it is a "
            "revision. %(official)s of %(systems)s systems have an official value in at least one "
            "domain."
        ) % {"official": found.official, "systems": found.page.counts["systems"]}
    if not found.entries:
        none = _("No system entered the index: every system in it had a value before.")
        return f"{none} {_became(found)}".rstrip()
    count = len(found.entries)
    said = ngettext(
        "%(count)s system entered the index: %(which)s.",
        "%(count)s systems entered the index. %(which)s.",
        count,
    )
    which = listed_long([_standing(entry) for entry in found.entries[:NAMED]])
    text = said % {"count": count, "which": which}
    rest = count - NAMED
    if rest > 0:
        more = ngettext(
            "The table below has %(count)s more.", "The table below has %(count)s more.", rest
        )
        text = f"{text} {more % {'count': rest}}"
    return f"{text} {_became(found)}".rstrip()


def _became(found: News) -> str:
    """How many values of systems known before became official; empty for none."""
    if not found.became:
        return ""
    said = ngettext(
        "%(count)s domain value of a system known before became official.",
        "%(count)s domain values of systems known before became official.",
        found.became,
    )
    return said % {"count": found.became}


def _standing(entry: Entry) -> str:
    said = _("%(system)s stands at %(values)s")
    values = [_value(point) for point in entry.points]
    return said % {"system": entry.system.name, "values": listed(values)}


def _value(point: IndexPoint) -> str:
    facts = {
        "value": points(point.value),
        "series": series_name(point.series).lower(),
        "interval": interval(point.low, point.high),
    }
    if point.official and facts["interval"]:
        return _("%(value)s in %(series)s (95%% interval %(interval)s, official)") % facts
    if facts["interval"]:
        return _("%(value)s in %(series)s (95%% interval %(interval)s, provisional)") % facts
    if point.official:
        return _("%(value)s in %(series)s (official, no interval computed)") % facts
    return _("%(value)s in %(series)s (provisional, no interval computed)") % facts


def frontiers(found: News) -> str:
    """Every frontier that moved with its interval, then those that did not."""
    moved, still = [], []
    for row in found.page.series:
        if row.after is None or row.series == "balanced":
            continue
        if row.before is not None and _stands(row):
            still.append(row)
        else:
            moved.append(_moved(row))
    return " ".join([*moved, *_unmoved(still)])


def _stands(row: SeriesMove) -> bool:
    assert row.before is not None and row.after is not None
    same = row.before.system.slug == row.after.system.slug
    return same and abs(row.move or 0.0) < NOTICEABLE


def _moved(row: SeriesMove) -> str:
    after, before = row.after, row.before
    assert after is not None
    facts = {
        "series": series_name(row.series),
        "value": points(after.value),
        "interval": interval(after.low, after.high) or _("not computed"),
        "system": after.system.name,
        "move": signed(row.move),
    }
    if before is None:
        return (
            _(
                "%(series)s has its first official frontier: %(system)s at %(value)s index points "
                "(95%% interval %(interval)s)."
            )
            % facts
        )
    if before.system.slug == after.system.slug:
        same = _(
            "%(series)s: the frontier is still %(system)s, whose value was revised by %(move)s "
            "to %(value)s index points (95%% interval %(interval)s)."
        )
        return same % facts
    text = _(
        "%(series)s: the frontier moved by %(move)s to %(value)s index points (95%% interval "
        "%(interval)s), set by %(system)s."
    )
    return f"{text % facts} {_passed(after)}".rstrip()


def _passed(step: Step) -> str:
    """How far above the system that it passed; empty without replicates."""
    if step.previous_system is None or step.rise_low is None:
        return ""
    facts = {
        "passed": step.previous_system.name,
        "difference": points(step.change),
        "rise": rise(step.rise_low, step.rise_high),
        "ahead": probability(step.ahead),
    }
    said = _(
        "It is %(difference)s (95%% interval %(rise)s) above %(passed)s, which it passed; the "
        "probability that it is ahead is %(ahead)s."
    )
    return said % facts


def _unmoved(still: Sequence[SeriesMove]) -> Iterator[str]:
    facts = [
        _("%(series)s (%(system)s, %(value)s)")
        % {
            "series": series_name(row.series).lower(),
            "system": row.after.system.name,
            "value": points(row.after.value),
        }
        for row in still
        if row.after is not None
    ]
    if facts:
        said = ngettext(
            "One frontier did not move: %(which)s.", "These did not move: %(which)s.", len(facts)
        )
        yield said % {"which": listed(facts)}


def drivers(found: News) -> str:
    """The evals behind the newest official values that raised a frontier; empty without any."""
    raised = [
        mover
        for mover in found.page.movers
        if mover.against and mover.series in DOMAINS and (mover.move or 0.0) > 0
    ]
    return " ".join(_driven(mover) for mover in raised[:DRIVEN])


def _driven(mover: Mover) -> str:
    assert mover.against is not None
    rows = [
        _("%(eval)s (%(points)s)") % {"eval": row.eval.name, "points": signed(row.points)}
        for row in mover.largest
    ]
    said = _(
        "In %(series)s %(system)s stands %(move)s index points above %(against)s; the largest "
        "parts of the difference are %(evals)s."
    )
    return said % {
        "series": series_name(mover.series).lower(),
        "move": points(mover.move),
        "system": mover.system.name,
        "against": mover.against.name,
        "evals": listed(rows),
    }
