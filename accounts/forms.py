"""The form by which a person makes a token."""

from __future__ import annotations

import datetime as dt

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import RESERVED_SOURCE

DAYS = {"30": _("30 days"), "90": _("90 days"), "365": _("one year"), "": _("never")}

valid_source = RegexValidator(
    r"^[a-z0-9][a-z0-9_-]*\Z", _("Use small letters, digits, hyphens and underscores.")
)


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
