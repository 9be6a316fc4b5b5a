"""Forms of the stewards' pages."""

from __future__ import annotations

import math
from typing import Any

from django import forms
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from baskets.models import BasketVersion, Weight


class PublishForm(forms.Form):
    """Why a version is published: the one thing that publishing asks."""

    rationale = forms.CharField(
        label=gettext_lazy("Rationale"),
        help_text=gettext_lazy(
            "What changes and why. It is published with the version and cannot be changed later."
        ),
        widget=forms.Textarea(attrs={"rows": 6, "cols": 80}),
        min_length=20,
    )


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
