"""Rules in words: what they ask for, sentence by sentence."""

from __future__ import annotations

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from alerts.models import Rule
from alerts.numbers import label, stated
from alerts.rules import Cause, Kind, Level, Terms
from alerts.rules.kinds import GAUGED, GAUGED_IN

KINDS = {
    Kind.FRONTIER: _("a new frontier"),
    Kind.MOVED: _("a system that moves an index"),
    Kind.RANK: _("a change of rank among the first ten"),
    Kind.BASELINE: _("a human baseline that is crossed on an eval"),
    Kind.LIFECYCLE: _("an eval that is full or retired"),
    Kind.REGRESSION: _("a safety or alignment index below the developer's previous generation"),
    Kind.GAP: _("a safety gap that turns negative or positive"),
    Kind.PUBLISHED: _("a new version of the basket"),
    Kind.REVISED: _("a past value that was revised"),
    Kind.SILENT: _("an import feed that went silent"),
}
CAUSES = {
    Cause.NEW_SYSTEM: _("a new system"),
    Cause.NEW_SCORE: _("a new score"),
    Cause.REVISION: _("a revised score"),
    Cause.WEIGHTS: _("other weights"),
    Cause.LINK: _("another link"),
    Cause.IMPUTATION: _("another fill of missing scores"),
    Cause.METHOD: _("another method"),
    Cause.TIME: _("time that passed"),
}
LEVELS = {
    Level.WARN: _("warnings"),
    Level.ALERT: _("alerts"),
    Level.RECOVERED: _("recoveries"),
}


def in_words(rule: Rule, *, named: bool = True) -> str:
    """What a stored rule asks for.

    named: whether a reader's own basket is called by the name that the reader gave it.
    """
    said = terms_in_words(Terms.from_json(rule.terms))
    if rule.own_id is None:
        return said
    own = rule.own_basket
    if own is None:
        return gettext("About an own basket of a reader that is not there any more. %(rule)s") % {
            "rule": said
        }
    if not named:
        return gettext("About an own basket of a reader. %(rule)s") % {"rule": said}
    return gettext("About own basket “%(name)s” of a reader. %(rule)s") % {
        "name": own.name,
        "rule": said,
    }


def terms_in_words(terms: Terms) -> str:
    """What terms ask for, in a few sentences."""
    said = [_what(terms), _where(terms), _how_far(terms), _how_sure(terms), _how_often(terms)]
    return " ".join(sentence for sentence in said if sentence)


def _what(terms: Terms) -> str:
    kinds = [str(KINDS[kind]) for kind in Kind if kind in terms.kinds] or [gettext("any event")]
    text = gettext("Tell of %(kinds)s.") % {"kinds": _listed(kinds)}
    causes = [str(CAUSES[cause]) for cause in Cause if cause in terms.causes]
    if causes:
        text += " " + gettext("Only where the cause is %(causes)s.") % {"causes": _listed(causes)}
    levels = [str(LEVELS[level]) for level in Level if level in terms.levels]
    if levels:
        text += " " + gettext("Only %(levels)s.") % {"levels": _listed(levels)}
    return text


def _where(terms: Terms) -> str:
    said = []
    if terms.series:
        named = [label(series) for series in sorted(terms.series)]
        said.append(gettext("Series: %(names)s.") % {"names": _listed(named)})
        if terms.kinds & GAUGED and not terms.series & GAUGED_IN:
            said.append(gettext("Safety gaps and generations: of safety and alignment."))
    for names, text in (
        (terms.systems, gettext("Systems: %(names)s.")),
        (terms.developers, gettext("Developers: %(names)s.")),
        (terms.evals, gettext("Evals: %(names)s.")),
    ):
        if names:
            said.append(text % {"names": _listed(sorted(names))})
    return " ".join(said)


def _how_far(terms: Terms) -> str:
    said = []
    if terms.kinds & {Kind.FRONTIER, Kind.MOVED, Kind.REVISED}:
        least = gettext("Smallest move: %(points)s points.")
        said.append(least % {"points": stated(terms.minimum)})
    if terms.alert_from is not None:
        text = gettext("From %(points)s points on it is an alert, below a warning.")
        said.append(text % {"points": stated(terms.alert_from)})
    return " ".join(said)


def _how_sure(terms: Terms) -> str:
    said = []
    if terms.significant:
        said.append(gettext("The 95% interval of the move must leave zero out."))
    if terms.probability is not None:
        text = gettext("The move must be real with a probability of at least %(percent)s%%.")
        said.append(text % {"percent": f"{terms.probability * 100:.12g}"})
    if terms.coverage is not None:
        text = gettext("At least %(percent)s%% of the basket's weight must be observed.")
        said.append(text % {"percent": f"{terms.coverage * 100:.12g}"})
    return " ".join(said)


def _how_often(terms: Terms) -> str:
    if not terms.cooldown:
        return ""
    text = ngettext(
        "After a message it is silent for %(days)s day.",
        "After a message it is silent for %(days)s days.",
        terms.cooldown,
    )
    return text % {"days": terms.cooldown}


def _listed(names: list[str]) -> str:
    return gettext("; ").join(names)
