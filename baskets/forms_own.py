"""The forms of a reader's own basket."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from baskets.models import OwnBasket
from baskets.models.own import LONGEST_NAME
from baskets.services.own import BadName, checked_name


class NameForm(forms.Form):
    """The name of an own basket, which everybody sees who has its address."""

    name = forms.CharField(
        label=_("Name of your basket"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Shown with it. Leave out your own name if you do not want it to be seen."),
    )

    def clean_name(self) -> str:
        """The name as it is stored."""
        try:
            return checked_name(self.cleaned_data["name"])
        except BadName as bad:
            raise ValidationError(str(bad)) from None


class HidingForm(forms.ModelForm[OwnBasket]):
    """Why an own basket is hidden."""

    class Meta:
        model = OwnBasket
        fields = ("hidden_reason",)
