"""The form of a rule: kind, series and size first, every other condition under a disclosure.

Its fields hold what `alerts.rules.Terms` holds: `initial_of` fills them in again from a rule. No
ModelForm: its checks would tell who is subscribed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

from alerts.models import Series
from alerts.rule_inputs import NamesField, PercentField, PointsField
from alerts.rule_words import CAUSES, KINDS, LEVELS
from alerts.rules import BadTerms, Kind, Terms
from alerts.rules.idle import Idle, idle
from alerts.rules.terms import NUMBERS
from baskets.charts.words import series_name
from evals.models import Developer, Eval, System

MORE = (
    *("subdomain", "system", "developer", "eval", "cause", "level", "alert"),
    *("significant", "p", "coverage", "cooldown"),
)
"""The fields that most leave alone."""

SHARES = ("p", "coverage")
"""Shares of 1 in a rule, per cent in the form."""

IDLE = {
    Idle.ELSEWHERE: _("None of the events that are ticked happens there."),
    Idle.UNMEASURED: _(
        "The noise of a subdomain's frontier is not known, so that none would be told. Leave this "
        "out, or tick a series."
    ),
    Idle.NAMELESS: _("None of the events that are ticked names a system."),
    Idle.NO_ALERT: _("There are warnings only where you say from how many points on is an alert."),
    Idle.NO_WARNING: _("None of the events that are ticked is ever a warning."),
    Idle.NO_RECOVERY: _("None of the events that are ticked has a recovery."),
}
"""Why a rule would stay silent for ever."""

Choices = list[tuple[str, str | StrPromise]]


class RuleForm(forms.Form):
    """What to hear of."""

    offered: Iterable[Kind] = tuple(KINDS)
    left_out: Iterable[str] = ()

    kind = forms.MultipleChoiceField(
        label=_("What to hear of"),
        initial=[Kind.FRONTIER.value],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Where none is ticked, a new frontier."),
    )
    series = forms.MultipleChoiceField(
        label=_("Series"),
        choices=[(series.value, capfirst(series.label)) for series in Series],
        initial=[Series.CAPABILITY.value],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Where none is ticked, every series. Safety gaps and generations are of safety and "
            "alignment: unless one of these is ticked, you hear of both."
        ),
    )
    min = PointsField(
        "min",
        label=_("Smallest move, in points"),
        initial=1,
        too_small=_("The smallest move is 0.1 points."),
        help_text=_(
            "Of new frontiers, moves and revised values; other events are told of any size."
        ),
    )
    subdomain = forms.MultipleChoiceField(
        label=_("Subdomains"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Beside the series that are ticked above. They have new frontiers only."),
    )
    system = NamesField(
        System,
        _("No system is called “%(name)s”."),
        label=_("Only these systems"),
        help_text=_("Names, or as in the address of the page, such as gpt-4o; with commas."),
    )
    developer = NamesField(
        Developer,
        _("No developer is called “%(name)s”."),
        label=_("Only systems of these developers"),
        help_text=_("Names with commas between; together with the systems, either is enough."),
    )
    eval = NamesField(
        Eval,
        _("No eval is called “%(name)s”."),
        label=_("Only these evals"),
        help_text=_("Of human baselines and full or retired evals; other events name no eval."),
    )
    cause = forms.MultipleChoiceField(
        label=_("Causes"),
        choices=[(cause.value, capfirst(label)) for cause, label in CAUSES.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Where none is ticked: new systems and new scores for what sounds like progress, and "
            "any cause for the rest."
        ),
    )
    level = forms.MultipleChoiceField(
        label=_("Levels"),
        choices=[(level.value, capfirst(label)) for level, label in LEVELS.items()],
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "A recovery is the return from a state that an alert told of. Where none is ticked, "
            "all three."
        ),
    )
    alert = PointsField(
        "alert",
        label=_("From how many points on a move is an alert"),
        required=False,
        too_small=_("The least is 0.1 points."),
        help_text=_(
            "Of new frontiers, moves and revised values; smaller ones are warnings. Empty: every "
            "one is an alert."
        ),
    )
    significant = forms.BooleanField(
        label=_("Only where the 95% interval of the move leaves zero out"),
        required=False,
        help_text=_("A move without an interval is not told then."),
    )
    p = PercentField(
        "p",
        label=_("Least probability that the move is real, in per cent"),
        outside=_("Enter a number from 50 to 100, such as 95."),
        help_text=_("From 50 to 100. Of moves that may be noise. Empty: not asked."),
    )
    coverage = PercentField(
        "coverage",
        label=_("Least coverage, in per cent"),
        outside=_("Enter a number from 0 to 100, such as 60."),
        help_text=_("Share of the basket's weight on which the system was observed."),
    )
    cooldown = forms.IntegerField(
        label=_("Days of silence after a message"),
        required=False,
        min_value=0,
        max_value=365,
        error_messages={
            "invalid": _("Enter a whole number of days."),
            "min_value": _("Enter a whole number of days."),
            "max_value": _("The longest silence is 365 days."),
        },
        help_text=_("Only what is graver breaks the silence."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds, inner = self.fields["kind"], self.fields["subdomain"]
        assert isinstance(kinds, forms.ChoiceField) and isinstance(inner, forms.ChoiceField)
        kinds.choices = [(kind.value, capfirst(KINDS[kind])) for kind in self.offered]
        if "subdomain" not in self.left_out:
            inner.choices = with_kept(subdomains(), self.initial.get("subdomain"))
        for name in self.left_out:
            del self.fields[name]

    @property
    def main_fields(self) -> list[forms.BoundField]:
        """The fields that everybody fills in."""
        return [self[name] for name in self.fields if name not in MORE]

    @property
    def more_fields(self) -> list[forms.BoundField]:
        """The fields that most leave alone."""
        return [self[name] for name in MORE if name in self.fields]

    @property
    def more_is_used(self) -> bool:
        """Whether one of those says something, or something wrong."""
        return any(field.errors or field.value() for field in self.more_fields)

    def clean(self) -> dict[str, Any]:
        """The terms as a whole."""
        cleaned = super().clean() or self.cleaned_data
        alert, least = cleaned.get("alert"), cleaned.get("min")
        if alert is not None and least is not None and alert < least:
            self.add_error("alert", _("This cannot be less than the smallest move."))
        if not self.errors:
            try:
                self.terms = Terms.from_query(query_of(cleaned))
            except BadTerms as error:
                where = error.name if error.name in self.fields else None
                self.add_error(where, _("This value cannot be used."))
            else:
                for name, reason in idle(self.terms):
                    self.add_error(name if name in self.fields else None, IDLE[reason])
        return cleaned


def subdomains() -> Choices:
    """The subdomains that evals are in, as series with their names."""
    rows = Eval.objects.exclude(subdomain="").order_by("domain__position", "subdomain")
    named = [f"{domain}/{name}" for domain, name in
             rows.values_list("domain__slug", "subdomain").distinct()]  # fmt: skip
    return [(series, capfirst(series_name(series))) for series in named]


def with_kept(choices: Choices, kept: Iterable[str] | None) -> Choices:
    """Choices, and what a stored rule asks for although it is no choice any more.

    Without that the rule would ask for everything once something else in it was changed.
    """
    gone = set(kept or ()).difference(key for key, _label in choices)
    return [*choices, *((key, capfirst(series_name(key))) for key in sorted(gone))]


def query_of(cleaned: dict[str, Any]) -> dict[str, list[str]]:
    """What the form holds as the parameters of an address."""
    found: dict[str, list[str]] = {"series": [*cleaned["series"], *cleaned.get("subdomain", ())]}
    for name in ("kind", "system", "developer", "eval", "cause", "level"):
        found[name] = list(cleaned.get(name) or ())
    for name in ("min", "alert", *SHARES, "cooldown"):
        value = cleaned.get(name)
        if value is not None:
            found[name] = [f"{value / 100 if name in SHARES else value:.12g}"]
    if cleaned.get("significant"):
        found["significant"] = ["1"]
    return found


def initial_of(terms: Terms) -> dict[str, Any]:
    """What the form holds where it asks for these terms."""
    found: dict[str, Any] = {
        "kind": sorted(terms.kinds),
        "series": sorted(series for series in terms.series if "/" not in series),
        "subdomain": sorted(series for series in terms.series if "/" in series),
        "system": ", ".join(sorted(terms.systems)),
        "developer": ", ".join(sorted(terms.developers)),
        "eval": ", ".join(sorted(terms.evals)),
        "cause": sorted(terms.causes),
        "level": sorted(terms.levels),
        "significant": terms.significant,
        "cooldown": terms.cooldown or None,
    }
    for name in ("min", "alert", *SHARES):
        value = getattr(terms, NUMBERS[name][0])
        shown = value if value is None or name not in SHARES else value * 100
        found[name] = None if shown is None else float(f"{shown:.12g}")
    return found
