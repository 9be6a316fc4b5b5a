"""The forms of the alerts pages. No ModelForm: its checks would tell who is subscribed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from alerts.channels import CHANNELS
from alerts.models import Endpoint, Recipient, Series, Subscription
from alerts.rule_words import KINDS
from alerts.rules import BadTerms, Kind, Terms
from evals.models import System

PARTS = ("kind", "series", "system", "min", "significant", "cooldown")
"""The fields that are parameters of a rule, as they stand in the address of its feed."""

MORE = ("kind", "significant", "system", "cooldown")


class RuleForm(forms.Form):
    """What to hear of."""

    series = forms.ChoiceField(
        label=_("Series"),
        choices=[
            ("", _("All series")),
            *((series.value, capfirst(series.label)) for series in Series),
        ],
        initial=Series.CAPABILITY.value,
        required=False,
    )
    min = forms.FloatField(
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
    kind = forms.MultipleChoiceField(
        label=_("What to hear of"),
        choices=[(kind.value, label) for kind, label in KINDS.items()],
        initial=[Kind.FRONTIER.value],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    significant = forms.BooleanField(
        label=_("Only where the 95% interval of the move leaves zero out"), required=False
    )
    system = forms.CharField(
        label=_("Only this system"),
        required=False,
        max_length=120,
        help_text=_("Its name in the address of its page, such as gpt-4o. Empty: every system."),
    )
    cooldown = forms.IntegerField(
        label=_("Days of silence after a message"),
        required=False,
        min_value=0,
        max_value=365,
    )

    @property
    def main_fields(self) -> list[forms.BoundField]:
        """The fields that everybody fills in."""
        return [self[name] for name in self.fields if name not in MORE]

    @property
    def more_fields(self) -> list[forms.BoundField]:
        """The fields that most leave alone."""
        return [self[name] for name in MORE]

    @property
    def more_is_used(self) -> bool:
        """Whether one of those says something, or something wrong."""
        return self.is_bound and any(
            name in self.errors or name in self.changed_data for name in MORE
        )

    def clean_system(self) -> str:
        """A system that is known."""
        slug = str(self.cleaned_data["system"]).strip()
        if slug and not System.objects.filter(slug=slug).exists():
            raise forms.ValidationError(_("No system has this name."))
        return slug

    def clean(self) -> dict[str, Any]:
        """The terms as a whole."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.terms = Terms.from_query(_query(cleaned))
            except BadTerms as error:
                where = error.name if error.name in self.fields else None
                self.add_error(where, _("This value cannot be used."))
        return cleaned


def _query(cleaned: dict[str, Any]) -> dict[str, list[str]]:
    """The form's own fields as the parameters of an address."""
    found: dict[str, list[str]] = {}
    for name in PARTS:
        value = cleaned.get(name)
        if isinstance(value, list):
            found[name] = [str(one) for one in value]
        elif value is True:
            found[name] = ["1"]
        elif value not in (None, "", False):
            found[name] = [f"{value:g}" if isinstance(value, float) else str(value)]
    return found


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
    field_order = ["email", "series", "min", "cadence"]

    def clean_cadence(self) -> str:
        """At once, where nothing was chosen."""
        return str(self.cleaned_data["cadence"] or Subscription.Cadence.IMMEDIATE.value)


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
    field_order = ["way", "series", "min", "cadence"]

    def __init__(self, *args: Any, recipient: Recipient, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._endpoints = {f"to-{one.pk}": one for one in recipient.endpoints.all()}
        ways = [(name, one.label) for name, one in CHANNELS.items() if not one.endpoints]
        ways += [
            (key, f"{one.get_kind_display()}, {one.host}") for key, one in self._endpoints.items()
        ]
        way = self.fields["way"]
        assert isinstance(way, forms.ChoiceField)
        way.choices = ways

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
