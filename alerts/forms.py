"""The forms of the alerts pages. No ModelForm: its checks would tell who is subscribed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from alerts import own_pairs
from alerts.channels import CHANNELS
from alerts.models import Endpoint, Recipient, Subscription
from alerts.rule_form import RuleForm, initial_of
from alerts.rules import Terms

NOT_OF_OWN = ("subdomain", "eval")
"""Fields that say nothing of a reader's own basket."""


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
    field_order = ["email", "kind", "series", "min", "cadence"]

    def clean_cadence(self) -> str:
        """At once, where nothing was chosen."""
        return str(self.cleaned_data["cadence"] or Subscription.Cadence.IMMEDIATE.value)


class OwnBasketForm(SubscribeForm):
    """The same about a reader's own basket, to which less can happen."""

    offered = own_pairs.KINDS
    left_out = NOT_OF_OWN


class OwnRuleForm(RuleForm):
    """A rule of somebody who is known: by which way, and how often."""

    way = forms.ChoiceField(label=_("By"))
    cadence = forms.ChoiceField(
        label=_("How often"),
        choices=Subscription.Cadence.choices,
        initial=Subscription.Cadence.IMMEDIATE.value,
        required=False,
        help_text=_("Only mail is gathered; other ways are told at once."),
    )
    field_order = ["kind", "series", "min", "way", "cadence"]

    def __init__(
        self, *args: Any, recipient: Recipient, of_own: bool = False, **kwargs: Any
    ) -> None:
        if of_own:
            self.offered, self.left_out = own_pairs.KINDS, NOT_OF_OWN
        super().__init__(*args, **kwargs)
        self._endpoints = {f"to-{one.pk}": one for one in recipient.endpoints.all()}
        ways = [(name, one.label) for name, one in CHANNELS.items() if not one.endpoints]
        ways += [
            (key, f"{one.get_kind_display()}, {one.host}") for key, one in self._endpoints.items()
        ]
        way = self.fields["way"]
        assert isinstance(way, forms.ChoiceField)
        way.choices = ways

    @staticmethod
    def initial_of(known: Subscription) -> dict[str, Any]:
        """What the form holds where it asks for what a subscription does."""
        way = known.channel if known.endpoint_id is None else f"to-{known.endpoint_id}"
        terms = Terms.from_json(known.rule.terms)
        return {**initial_of(terms), "way": way, "cadence": known.cadence}

    @property
    def endpoint(self) -> Endpoint | None:
        """The endpoint that was chosen, if one was."""
        return self._endpoints.get(self.cleaned_data["way"])

    def clean_cadence(self) -> str:
        """At once, where nothing was chosen."""
        return str(self.cleaned_data["cadence"] or Subscription.Cadence.IMMEDIATE.value)


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
        label=_("Address that alerts go to"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
