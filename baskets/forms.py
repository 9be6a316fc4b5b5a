"""Forms of the stewards' pages."""

from __future__ import annotations

import math
from typing import Any

from django import forms
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from baskets.models import BasketVersion, Weight


class StepForm(forms.Form):
    """What a step asks: the edition and the content that the person has seen."""

    edition = forms.IntegerField(widget=forms.HiddenInput)
    content_sha256 = forms.CharField(widget=forms.HiddenInput)


class ReasonForm(StepForm):
    """A step that is explained in public."""

    reason = forms.CharField(
        label=gettext_lazy("Rationale"),
        help_text=gettext_lazy(
            "What changes and why. It is shown with the version and cannot be changed later."
        ),
        widget=forms.Textarea(attrs={"rows": 6, "cols": 80}),
    )


class ApproveForm(StepForm):
    """An approval, with a remark where there is one."""

    reason = forms.CharField(
        label=gettext_lazy("Remark"),
        help_text=gettext_lazy("Shown with the version; may be left empty."),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "cols": 80}),
    )
    schedule = forms.BooleanField(
        label=gettext_lazy("Schedule it at once for its effective date"),
        required=False,
        initial=True,
    )


class ScheduleForm(StepForm):
    """A step that asks for nothing more."""


class VersionForm(forms.ModelForm[BasketVersion]):
    """A version's own facts, with the edition that the person began from.

    `conflict` says that somebody has saved since; what was typed is then shown and not saved.
    """

    conflict = ""
    began_from = forms.IntegerField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = BasketVersion
        fields = "__all__"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["began_from"] = self.instance.edition

    def clean(self) -> dict[str, Any]:
        if self.conflict:
            raise forms.ValidationError(
                _("%(conflict)s Nothing of yours was saved yet. Save again to keep what you typed.")
                % {"conflict": self.conflict}
            )
        return super().clean() or self.cleaned_data


class WeightForm(forms.ModelForm[Weight]):
    """One row of the weight table, narrow enough for the table to be read across."""

    class Meta:
        model = Weight
        fields = "__all__"
        widgets = {
            **{
                name: forms.NumberInput(attrs={"size": 7, "step": "any"})
                for name in ("weight", "floor", "ceiling", "reference")
            },
            **{name: forms.TextInput(attrs={"size": 16}) for name in ("protocol", "owner")},
            **{
                name: forms.Textarea(attrs={"rows": 3, "cols": 34})
                for name in ("rationale", "goalpost_reason")
            },
        }


class WeightFormSet(BaseInlineFormSet[Weight, BasketVersion, "forms.ModelForm[Weight]"]):
    """The weights of a draft: each finite and above zero, and at least one of them."""

    def clean(self) -> None:
        super().clean()
        kept = [row for row in map(self._weight, self.forms) if row is not None]
        if self.is_bound and not any(self.errors) and not kept:
            raise forms.ValidationError(_("A basket needs at least one eval."))
        if kept and not math.fsum(kept) > 0:
            raise forms.ValidationError(_("The weights must add up to more than zero."))

    def _weight(self, form: forms.ModelForm[Weight]) -> float | None:
        cleaned: dict[str, Any] = getattr(form, "cleaned_data", {})
        if not cleaned or cleaned.get("DELETE"):
            return None
        weight = cleaned.get("weight")
        if weight is not None and not (math.isfinite(weight) and weight > 0):
            form.add_error("weight", _("A weight must be a finite number above zero."))
        return weight
