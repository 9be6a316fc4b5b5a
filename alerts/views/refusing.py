"""Why the rule in an address is refused: said to whoever wrote it, not found out by silence."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from django.db.models import Model
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alerts.models import Event, Series
from alerts.rule_form import subdomains
from alerts.rules import BadTerms, Kind, Terms
from alerts.rules.idle import Idle, idle
from evals.models import Developer, Eval, System

REASONS = {
    "unknown": gettext_lazy("has no such value"),
    "number": gettext_lazy("takes a number within its limits"),
    "many": gettext_lazy("has too many values"),
    "twice": gettext_lazy("takes one value"),
    "elsewhere": gettext_lazy("leaves nothing to be told: none of the events happens there"),
    "unmeasured": gettext_lazy(
        "leaves nothing to be told: the noise of a subdomain's frontier is not known"
    ),
    "nameless": gettext_lazy("leaves nothing to be told: none of the events names a system"),
    "no_alert": gettext_lazy(
        "leaves nothing to be told: there are warnings only where “alert” says from how many "
        "points on is an alert"
    ),
    "no_warning": gettext_lazy("leaves nothing to be told: none of the events is ever a warning"),
    "no_recovery": gettext_lazy("leaves nothing to be told: none of the events has a recovery"),
}


def bad_terms(error: BadTerms) -> str:
    """What is wrong with a parameter."""
    return _("The parameter %(name)s of this rule %(reason)s.") % {
        "name": repr(error.name)[:60],
        "reason": REASONS.get(error.reason, error.reason),
    }


def never_told(terms: Terms, *, kinds: Collection[Kind]) -> str:
    """Why a rule can never speak; empty where it can. kinds: those that can happen here.

    A few queries at most, and none for a rule that names nothing.
    """
    for parameter, sentence in _unknown(terms):
        return f"{bad_terms(BadTerms(parameter, 'unknown'))} {sentence}"
    if terms.kinds.isdisjoint(kinds):
        return bad_terms(BadTerms("kind", Idle.ELSEWHERE))
    for name, reason in idle(terms):
        # The form asks for subdomains by themselves, an address does not.
        return bad_terms(BadTerms("series" if name == "subdomain" else name, reason))
    return ""


def _unknown(terms: Terms) -> Iterator[tuple[str, str]]:
    """The parameters that name what there is not, each with what that is."""
    for series in sorted(_other_series(terms.series)):
        yield "series", _("No series is called “%(name)s”.") % {"name": series}
    for name in _missing(System, terms.systems):
        yield "system", _("No system is called “%(name)s”.") % {"name": name}
    for name in _missing(Developer, terms.developers):
        yield "developer", _("No developer is called “%(name)s”.") % {"name": name}
    for name in _missing(Eval, terms.evals):
        yield "eval", _("No eval is called “%(name)s”.") % {"name": name}


def _missing(model: type[Model], slugs: Collection[str]) -> list[str]:
    if not slugs:
        return []
    known = model._default_manager.filter(slug__in=slugs).values_list("slug", flat=True)
    return sorted(set(slugs).difference(known))


def _other_series(asked: frozenset[str]) -> set[str]:
    """Series that are none of the index's, nor subdomains that it has or ever told of."""
    other = asked.difference(Series.values)
    if other:
        other = other.difference(key for key, _label in subdomains())
    if other:
        other = other.difference(
            Event.objects.filter(series__in=other).order_by().values_list("series", flat=True)
        )
    return set(other)


def refusal(text: str) -> HttpResponse:
    """The answer to a rule that is refused."""
    return HttpResponse(text, status=400, content_type="text/plain; charset=utf-8")
