"""The forms of the alerts pages. No ModelForm: its checks would tell who is subscribed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from alerts.channels import CHANNELS
from alerts.models import Endpoint, Recipient, Series, Subscription


class RuleForm(forms.Form):
    """What to hear of: a series, and the smallest move worth a message, in index points."""

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

    @property
    def terms(self) -> dict[str, Any]:
        """The rule's terms, of a form that is valid."""
        asked = self.cleaned_data
        return {
            "kinds": ["frontier"],
            "series": [asked["series"]],
            "minimum": asked["threshold"],
        }


class SubscribeForm(RuleForm):
    """A rule, how often to hear, and the address to ask."""

    cadence = forms.ChoiceField(
        label=_("How often"),
        choices=Subscription.Cadence.choices,
        initial=Subscription.Cadence.IMMEDIATE.value,
        required=False,
    )
    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    field_order = ["email", "series", "threshold", "cadence"]

    def clean_cadence(self) -> str:
        """At once, where nothing was chosen."""
        return self.cleaned_data["cadence"] or Subscription.Cadence.IMMEDIATE.value


class OwnRuleForm(RuleForm):
    """A rule of somebody who is known: by which way, and how often."""

    way = forms.ChoiceField(label=_("By"))
    cadence = forms.ChoiceField(
        label=_("How often"),
        choices=Subscription.Cadence.choices,
        initial=Subscription.Cadence.IMMEDIATE.value,
        help_text=_("Only mail is gathered; other ways are told at once."),
    )

    def __init__(self, *args: Any, recipient: Recipient, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._endpoints = {f"to-{one.pk}": one for one in recipient.endpoints.all()}
        ways = [(name, CHANNELS[name].label) for name in CHANNELS if not CHANNELS[name].endpoints]
        ways += [
            (key, f"{one.get_kind_display()}, {one.host}") for key, one in self._endpoints.items()
        ]
        self.fields["way"].choices = ways

    @property
    def endpoint(self) -> Endpoint | None:
        """The endpoint that was chosen, if one was."""
        return self._endpoints.get(self.cleaned_data["way"])


class EndpointForm(forms.Form):
    """A receiver on the web."""

    kind = forms.ChoiceField(label=_("Kind"), choices=Endpoint.Kind.choices)
    url = forms.URLField(
        label=_("Address"),
        max_length=2000,
        assume_scheme="https",
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
    )


class AddressForm(forms.Form):
    """The address of somebody who wants to manage their alerts."""

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
