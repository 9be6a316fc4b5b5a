"""The subscribe form. Not a ModelForm: its uniqueness check would tell who is subscribed."""

from __future__ import annotations

from django import forms
from django.utils.text import capfirst
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
        label=_("Series"),
        choices=[(series.value, capfirst(series.label)) for series in Series],
        initial=Series.CAPABILITY.value,
    )
    threshold = forms.FloatField(
        label=_("Smallest move, in points"),
        min_value=0.1,
        max_value=1000,
        initial=1,
        error_messages={
            "invalid": _("Enter a number of points, such as 5."),
            "min_value": _("The smallest move is 0.1 points."),
            "max_value": _("The largest value is 1000 points."),
        },
        widget=forms.NumberInput(attrs={"step": "0.1"}),
    )
