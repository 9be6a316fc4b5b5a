"""The form that asks what the columns of a table mean."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from evals.forms import choices_of
from evals.models import Score
from evals.readers._mapping import DATE_FORMS, FACTS
from evals.readers.table import Mapping

LABELS = {
    "system": _("System"),
    "eval": _("Eval"),
    "value": _("Value"),
    "stderr": _("Standard error"),
    "low": _("Lower end of the 95% interval"),
    "high": _("Upper end of the 95% interval"),
    "uncertainty": _("Uncertainty as text, such as ±1.2"),
    "n_items": _("Number of items"),
    "observed_on": _("Date of the result"),
    "reported_by": _("Reported by"),
    "source_url": _("Address of the source"),
    "unit": _("Unit"),
    "note": _("Note"),
    "external_id": _("Identity of the result at its source"),
    "developer": _("Developer"),
    "harness": _("Harness"),
}
NEEDED = ("system", "eval", "value", "observed_on")
DATES = {
    "year-month-day": _("year-month-day"),
    "day/month/year": _("day/month/year"),
    "month/day/year": _("month/day/year"),
    "day.month.year": _("day.month.year"),
}
DELIMITERS = [("", _("found from the file")), (",", ","), (";", ";"), ("\t", _("tab")), ("|", "|")]
PREFIX = "same-"


class MappingForm(forms.Form):
    """For each fact a column, or a text that holds for every row; in a wide table the evals."""

    wide = forms.MultipleChoiceField(
        label=_("Columns that are each an eval of that name"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Only for wide tables; then no column is the eval or the value."),
    )
    elicitation = forms.MultipleChoiceField(
        label=_("Columns that say how the system was asked"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    higher_is_better = forms.ChoiceField(
        label=_("Column that says whether higher is better"), required=False
    )
    dates = forms.ChoiceField(
        label=_("How dates are written"), choices=[(form, DATES[form]) for form in DATE_FORMS]
    )
    delimiter = forms.ChoiceField(label=_("Delimiter"), choices=DELIMITERS, required=False)
    decimal_comma = forms.BooleanField(label=_("Decimals follow a comma"), required=False)
    name = forms.CharField(
        label=_("Save this under the name"),
        max_length=100,
        help_text=_("The next table with the same columns is read by it without asking."),
    )

    def __init__(self, *args: Any, header: Sequence[str], suggested: Mapping, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.header = tuple(header)
        for fact in FACTS:
            self.fields[fact] = forms.ChoiceField(
                label=LABELS[fact],
                choices=choices_of(header),
                required=False,
                initial=getattr(suggested, fact),
            )
            self.fields[PREFIX + fact] = forms.CharField(
                label=_("the same in every row"), max_length=300, required=False
            )
        for name in ("wide", "elicitation"):
            self.fields[name].choices = choices_of(header)[1:]  # type: ignore[attr-defined]
            self.fields[name].initial = list(getattr(suggested, name))
        self.fields["higher_is_better"].choices = choices_of(header)  # type: ignore[attr-defined]
        for name in ("higher_is_better", "dates", "decimal_comma", "delimiter"):
            self.fields[name].initial = getattr(suggested, name)
        self.fields[PREFIX + "reported_by"] = forms.ChoiceField(
            label=_("the same in every row"),
            choices=[("", _("not stated")), *Score.ReportedBy.choices[:2]],
            required=False,
        )

    def facts(self) -> Iterator[tuple[forms.BoundField, forms.BoundField, bool]]:
        """Each fact's two fields, and whether a score cannot do without it."""
        for fact in FACTS:
            yield self[fact], self[PREFIX + fact], fact in NEEDED

    def others(self) -> Iterator[forms.BoundField]:
        """The other fields, the name last."""
        for name in ("dates", "delimiter", "decimal_comma", "higher_is_better"):
            yield self[name]

    def mapping(self) -> Mapping:
        """What was filled in."""
        given = self.cleaned_data
        constants = {fact: given[PREFIX + fact] for fact in FACTS if given[PREFIX + fact]}
        single = {fact: given[fact] for fact in (*FACTS, "higher_is_better")}
        return msgspec.convert(
            {
                **single,
                "constants": constants,
                **{name: given[name] for name in ("elicitation", "wide", "dates", "delimiter")},
                "decimal_comma": given["decimal_comma"],
            },
            Mapping,
        )

    def clean(self) -> dict[str, Any]:
        """Refuse a fact that is given twice."""
        given = super().clean() or {}
        twice = [
            str(LABELS[fact]) for fact in FACTS if given.get(fact) and given.get(PREFIX + fact)
        ]
        if twice:
            raise ValidationError(
                _("Give either a column or a text for: %(facts)s.") % {"facts": ", ".join(twice)}
            )
        return given
