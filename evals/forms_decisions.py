"""Forms by which people decide: what a name means, and whether a held score counts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from evals.forms import DayInput, Grouped
from evals.models import Eval, System, valid_slug
from evals.models.names import NameKind

SAME, OTHER, IGNORE = "same:", "other", "ignore"


class NameForm(forms.Form):
    """One decision about one name: it means a known system or eval, or it is not wanted."""

    kind = forms.ChoiceField(choices=NameKind.choices)
    name = forms.CharField(max_length=300, strip=False)
    verdict = forms.CharField(max_length=140)
    other = forms.CharField(max_length=120, required=False)
    elicitation = forms.CharField(max_length=300, required=False)
    other_endings = forms.BooleanField(required=False)
    reason = forms.CharField(max_length=1000, required=False)

    def clean(self) -> dict[str, Any]:
        """Each verdict with what it needs: `target` is the known one that was chosen.

        `said` is what the name says of how the system was run; None where the suggestion says it.
        """
        given = super().clean() or {}
        verdict = given.get("verdict", "")
        if verdict == IGNORE and not given.get("reason"):
            raise ValidationError(_("Say why the name is to be ignored."))
        if verdict != IGNORE:
            given["target"] = self._target(given, verdict)
            given["said"] = given.get("elicitation", "") if verdict == OTHER else None
        return given

    def _target(self, given: dict[str, Any], verdict: str) -> System | Eval:
        slug = given.get("other", "") if verdict == OTHER else verdict.removeprefix(SAME)
        model: type[System | Eval] = System if given.get("kind") == NameKind.SYSTEM else Eval
        found = model._default_manager.filter(slug=slug).first()
        if found is None:
            raise ValidationError(_("Choose what the name means, or type a known slug."))
        return found


class NewSystemForm(Grouped, forms.Form):
    """The facts of a system that nobody knows yet."""

    GROUPS = (
        (_("What it is"), ("title", "slug", "developer", "generation", "released_on")),
        (_("What else the name says"), ("elicitation",)),
    )

    title = forms.CharField(
        label=_("Name"),
        max_length=200,
        help_text=_("As its developer writes it, without effort, budget or harness."),
    )
    slug = forms.CharField(
        label=_("Slug"),
        max_length=120,
        validators=[valid_slug],
        help_text=_("Its name in addresses and files; it is given once. Such as gpt-4.1-mini."),
    )
    developer = forms.CharField(
        label=_("Developer"),
        max_length=120,
        widget=forms.TextInput(attrs={"list": "developers"}),
        help_text=_("Who makes it. A new name adds a developer."),
    )
    generation = forms.CharField(
        label=_("Generation"),
        max_length=120,
        widget=forms.TextInput(attrs={"list": "generations"}),
        help_text=_("The developer's family that it belongs to, such as GPT-5."),
    )
    released_on = forms.DateField(label=_("Released on"), widget=DayInput())
    elicitation = forms.CharField(
        label=_("How it was run"),
        max_length=300,
        required=False,
        help_text=_("Such as “high”: kept with each score, not part of the system. Often empty."),
    )


class NewEvalForm(Grouped, forms.ModelForm[Eval]):
    """The facts of an eval that nobody knows yet: what its numbers mean, and where that is said."""

    GROUPS = (
        (_("What it is"), ("name", "slug", "domain", "subdomain", "measures")),
        (_("What its numbers mean"), ("unit", "scale", "direction", "lower", "upper")),
        (_("What they are worth"), ("floor", "ceiling", "ceiling_note")),
        (_("Where from"), ("source_url", "n_items", "released_on")),
    )

    source_url = forms.URLField(
        label=_("Where these facts are stated"), max_length=500, assume_scheme="https"
    )

    class Meta:
        model = Eval
        fields = [
            *("name", "slug", "domain", "subdomain", "measures", "unit", "scale", "direction"),
            *("lower", "upper", "floor", "ceiling", "ceiling_note", "n_items", "released_on"),
            "source_url",
        ]
        labels = {
            "measures": _("What it measures"),
            "lower": _("Lower bound of the unit"),
            "upper": _("Upper bound of the unit"),
            "floor": _("Floor: chance, or the worst"),
            "ceiling": _("Ceiling: the best that can be reached"),
            "ceiling_note": _("Why these goalposts"),
            "n_items": _("Number of items"),
            "released_on": _("Released on"),
        }
        help_texts = {
            "slug": _("Its name in addresses and files; it is given once. Such as gpqa-diamond."),
            "subdomain": _("What it is about, such as coding or sycophancy."),
            "unit": _("Such as percent, minutes or elo. Fractions are read as percent."),
            "lower": _("A score below it is refused. Empty: there is none."),
            "upper": _("A score above it is refused. Empty: there is none."),
            "floor": _("0 points. Where lower is better it is the larger number."),
            "ceiling": _("100 points. Empty where a basket has to declare it."),
        }
        widgets = {
            "subdomain": forms.TextInput(attrs={"list": "subdomains"}),
            "unit": forms.TextInput(attrs={"list": "units"}),
            "measures": forms.Textarea(attrs={"rows": 2}),
            "ceiling_note": forms.Textarea(attrs={"rows": 2}),
            "released_on": DayInput(),
        }

    def clean(self) -> dict[str, Any]:
        """Goalposts that agree with the direction and lie within the unit's bounds."""
        given = super().clean() or {}
        floor, ceiling = given.get("floor"), given.get("ceiling")
        if floor is not None and ceiling is not None:
            rising = given.get("direction") == Eval.Direction.HIGHER
            if given.get("direction") and (floor < ceiling) != rising:
                raise ValidationError(_("The floor must be the worse end, the ceiling the better."))
        for name in ("floor", "ceiling"):
            if _outside(given.get(name), given.get("lower"), given.get("upper")):
                self.add_error(name, _("This lies outside of the bounds of the unit."))
        if given.get("released_on") and given["released_on"] > timezone.now().date():
            self.add_error("released_on", _("This date lies in the future."))
        return given


def _outside(end: float | None, lower: float | None, upper: float | None) -> bool:
    if end is None:
        return False
    return (lower is not None and end < lower) or (upper is not None and end > upper)


class VerdictForm(forms.Form):
    """Whether a held score counts, and why."""

    verdict = forms.ChoiceField(choices=[("accept", _("it counts")), ("reject", _("it does not"))])
    reason = forms.CharField(max_length=1000)
