"""The subscribe form. Not a ModelForm: its uniqueness check would tell who is subscribed."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from alerts.models import Series


class SubscribeForm(forms.Form):
    """An address, a series, and the smallest move worth a mail, in index points."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    series = forms.ChoiceField(
        label=_("Series"), choices=Series.choices, initial=Series.CAPABILITY.value
    )
    threshold = forms.FloatField(
        label=_("Smallest move, in points"),
        min_value=0.1,
        max_value=1000,
        initial=1,
        widget=forms.NumberInput(attrs={"step": "0.1"}),
    )
