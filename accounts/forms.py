"""The form by which a person makes a token."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import RESERVED_SOURCE

DAYS = {"30": _("30 days"), "90": _("90 days"), "365": _("one year"), "": _("never")}

valid_source = RegexValidator(
    r"^[a-z0-9][a-z0-9_-]*\Z", _("Use small letters, digits, hyphens and underscores.")
)

# No @: nobody may take another person's address for a name.
username_validators = [
    RegexValidator(r"^[\w.+-]+\Z", _("Use letters, digits and the characters . + - _ only."))
]


def not_reserved(source: str) -> None:
    """Refuse the source of the shipped catalog: a token for it could post nothing."""
    if source == RESERVED_SOURCE:
        raise ValidationError(_("This source is reserved for the shipped catalog."))


class TokenForm(forms.Form):
    """A name to know the token by, what it is bound to, and when it ends."""

    name = forms.CharField(
        label=_("What will use it"),
        max_length=100,
        help_text=_("For example the name of a machine or of a nightly job."),
    )
    source = forms.CharField(
        label=_("Only for this source"),
        max_length=50,
        required=False,
        validators=[valid_source, not_reserved],
        help_text=_("Its results are stored under this source. Empty: the request names one."),
    )
    days = forms.ChoiceField(
        label=_("It ends after"), choices=list(DAYS.items()), initial="365", required=False
    )

    def expires_at(self, now: dt.datetime) -> dt.datetime | None:
        """When the token ends, None for never."""
        days = self.cleaned_data["days"]
        return now + dt.timedelta(days=int(days)) if days else None


class DeletionForm(forms.Form):
    """The name of the account, written out: a single click deletes nothing."""

    name = forms.CharField(label=_("Write your user name to confirm"), max_length=150)

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.expected = name
        self.fields["name"].widget.attrs["autocomplete"] = "off"

    def clean_name(self) -> str:
        """The name; an error where it is another one."""
        if self.cleaned_data["name"] != self.expected:
            raise ValidationError(_("This is not the name of your account."))
        return self.expected
