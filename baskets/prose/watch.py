"""The saturation watch of an eval in words."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from baskets.charts.words import percent, points
from baskets.prose.listing import listed
from baskets.selectors.watch import EvalFacts, Full


def lifecycle_name(name: str) -> str:
    """A stage of an eval's life in one word."""
    names = {
        "experimental": _("experimental"),
        "active": _("active"),
        "saturating": _("saturating"),
        "retired": _("retired"),
    }
    return names.get(name, name)


def lifecycle(facts: EvalFacts) -> str:
    """The stage and what it means, with the criteria of saturation that hold."""
    stages = {
        "experimental": _("Experimental: no basket counts it."),
        "active": _("Active: the newest basket counts it."),
        "saturating": _("Saturating: the newest basket counts it, and it is nearly full."),
        "retired": _("Retired: an earlier basket counted it, the newest does not."),
    }
    reasons = [_reason(name, facts) for name in facts.reasons]
    return " ".join([stages[facts.lifecycle], *reasons])


def _reason(name: str, facts: EvalFacts) -> str:
    if name == "frontier-at-ceiling":
        return _("Its frontier is within two standard errors of the ceiling.")
    said = _(
        "%(share)s of the systems of the last 18 months are within two of their standard errors "
        "of the ceiling."
    )
    return said % {"share": percent(facts.at_ceiling)}


def headroom(facts: EvalFacts) -> str:
    """Points from the frontier to the ceiling, with the frontier's standard error."""
    if facts.headroom is None or facts.frontier is None:
        return _("No system has been measured on it.")
    said = {
        "points": points(facts.headroom),
        "system": facts.frontier.name,
        "value": points(facts.points),
        "error": points(facts.stderr),
    }
    if not facts.bounded and facts.headroom < 0:
        return (
            _(
                "The frontier, %(system)s, stands at %(value)s points (standard error %(error)s), "
                "beyond the milestone of 100."
            )
            % said
        )
    return (
        _(
            "%(points)s points: the frontier, %(system)s, stands at %(value)s (standard error "
            "%(error)s)."
        )
        % said
    )


def discrimination(facts: EvalFacts) -> str:
    """How many pairs of the newest frontier systems differ by more than their errors."""
    if facts.discrimination is None:
        return _("Fewer than two of the frontier's systems were measured on it.")
    said = ngettext(
        "It tells apart %(share)s of the pairs among the newest %(count)s frontier system "
        "measured on it: %(systems)s.",
        "It tells apart %(share)s of the pairs among the newest %(count)s frontier systems "
        "measured on it: %(systems)s.",
        len(facts.compared),
    )
    return said % {
        "share": percent(facts.discrimination),
        "count": len(facts.compared),
        "systems": listed([system.name for system in facts.compared]),
    }


def full_on(full: Full) -> str:
    """The fitted date of saturation with its interval, or why there is none."""
    if full.on is None:
        return _without_date(full)
    facts = {
        "day": date_format(full.on),
        "low": date_format(full.low) if full.low else "",
        "high": date_format(full.high) if full.high else "",
        "steps": full.steps,
    }
    if full.reason == "reached":
        return _("Reached on %(day)s, when the system came out that met the ceiling.") % facts
    if full.low and full.high:
        text = _(
            "By the fitted trend %(day)s (95%% interval %(low)s to %(high)s), from %(steps)s steps."
        )
    elif full.low:
        text = _(
            "By the fitted trend %(day)s (95%% interval from %(low)s, open at the end), "
            "from %(steps)s steps."
        )
    elif full.high:
        text = _(
            "By the fitted trend %(day)s (95%% interval up to %(high)s), from %(steps)s steps."
        )
    else:
        text = _(
            "By the fitted trend %(day)s, with an interval open at both ends, from %(steps)s steps."
        )
    return text % facts


def _without_date(full: Full) -> str:
    reasons = {
        "too-few-steps": _("No date: its frontier has risen fewer than three times."),
        "no-growth": _("No date: its frontier does not rise."),
        "too-far": _("No date: the fitted line meets the ceiling only in more than 50 years."),
    }
    return reasons.get(full.reason or "", _("No date."))


def doubt_name(kind: str) -> str:
    """A kind of flag in words."""
    names = {
        "contaminated": _("contaminated"),
        "disputed": _("disputed"),
        "saturated": _("saturated"),
        "self-reported": _("reported only by developers"),
    }
    return names.get(kind, kind)


@dataclass(frozen=True)
class WatchText:
    """The watch of an eval, each fact in a sentence."""

    lifecycle: str
    headroom: str
    discrimination: str
    full: str


def watch_text(facts: EvalFacts) -> WatchText:
    """Every fact of the watch in words."""
    return WatchText(lifecycle(facts), headroom(facts), discrimination(facts), full_on(facts.full))
