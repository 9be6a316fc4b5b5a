"""The inputs of a rule's form: names, points and shares."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from django import forms
from django.db.models import Model, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrPromise

from alerts.rules.terms import MOST_VALUES, NUMBERS


class NamesField(forms.CharField):
    """Names or slugs of systems, developers or evals with commas between; slugs come out.

    What is the slug of one of them is not read as the name of another.
    """

    def __init__(self, model: type[Model], unknown: str | StrPromise, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=4000, **kwargs)
        self._model, self._unknown = model, unknown

    def clean(self, value: Any) -> list[str]:
        """The slugs in their order. ValidationError for a name that none has, or several have."""
        wanted = [name for part in re.split(r"[,\n]", super().clean(value))
                  if (name := " ".join(part.split()))]  # fmt: skip
        if len(wanted) > MOST_VALUES:
            raise forms.ValidationError(_("Name at most %(n)s."), params={"n": MOST_VALUES})
        asked = Q(pk__in=[])
        for name in wanted:
            asked |= Q(slug__iexact=name) | Q(name__iexact=name)
        slugs: dict[str, set[str]] = defaultdict(set)
        names: dict[str, set[str]] = defaultdict(set)
        rows = self._model._default_manager.filter(asked)
        for slug, name in rows.values_list("slug", "name"):
            slugs[slug.casefold()].add(slug)
            names[name.casefold()].add(slug)
        return sorted({self._one(name, slugs, names) for name in wanted})

    def _one(self, name: str, *known: Mapping[str, set[str]]) -> str:
        """The slug that is meant; known: slugs by what they may be called, the surest first."""
        found = next((some for by in known if (some := by.get(name.casefold()))), set())
        if not found:
            raise forms.ValidationError(self._unknown, params={"name": name[:80]})
        if len(found) > 1:
            said = _("“%(name)s” is the name of several: write %(slugs)s instead.")
            slugs = gettext(" or ").join(sorted(found))
            raise forms.ValidationError(said, params={"name": name[:80], "slugs": slugs})
        return found.pop()


class PointsField(forms.FloatField):
    """A number of index points within the limits of a rule."""

    def __init__(self, name: str, *, too_small: str | StrPromise, **kwargs: Any) -> None:
        _attribute, least, most = NUMBERS[name]
        messages = {
            "invalid": _("Enter a number of points, such as 5."),
            "min_value": too_small,
            "max_value": _("The largest value is 1000 points."),
        }
        widget = forms.NumberInput(attrs={"step": "0.1"})
        super().__init__(
            min_value=least, max_value=most, error_messages=messages, widget=widget, **kwargs
        )


class PercentField(forms.FloatField):
    """A share of a rule in per cent."""

    def __init__(self, name: str, *, outside: str | StrPromise, **kwargs: Any) -> None:
        _attribute, least, most = NUMBERS[name]
        messages = {"invalid": outside, "min_value": outside, "max_value": outside}
        widget = forms.NumberInput(attrs={"step": "any"})
        super().__init__(
            min_value=least * 100,
            max_value=most * 100,
            required=False,
            error_messages=messages,
            widget=widget,
            **kwargs,
        )
