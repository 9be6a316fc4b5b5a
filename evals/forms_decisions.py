"""Forms by which people decide: what a name means, and whether a held score counts."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from evals.models import Eval, System, valid_slug
from evals.models.names import NameKind

SAME, OTHER, NEW, IGNORE = "same:", "other", "new", "ignore"


class NameForm(forms.Form):
    """One decision about one name: it means a known one, is a new system, or is not wanted."""

    kind = forms.ChoiceField(choices=NameKind.choices)
    name = forms.CharField(max_length=300, strip=False)
    verdict = forms.CharField(max_length=140)
    other = forms.CharField(max_length=120, required=False)
    reason = forms.CharField(max_length=1000, required=False)
    slug = forms.CharField(max_length=120, required=False, validators=[valid_slug])
    title = forms.CharField(max_length=200, required=False)
    developer = forms.CharField(max_length=120, required=False)
    generation = forms.CharField(max_length=120, required=False)
    released_on = forms.DateField(required=False)

    def clean(self) -> dict[str, Any]:
        """Each verdict with what it needs; `target` is the known one that was chosen."""
        given = super().clean() or {}
        verdict = given.get("verdict", "")
        if verdict == IGNORE and not given.get("reason"):
            raise ValidationError(_("Say why the name is to be ignored."))
        if verdict == NEW:
            self._check_new(given)
        elif verdict != IGNORE:
            given["target"] = self._target(given, verdict)
        return given

    def _check_new(self, given: dict[str, Any]) -> None:
        if given.get("kind") != NameKind.SYSTEM:
            raise ValidationError(_("A new eval is added with its unit and bounds in the admin."))
        needed = ("developer", "generation", "released_on")
        if not all(given.get(name) for name in needed):
            raise ValidationError(
                _("A new system needs its developer, its generation and its release date.")
            )

    def _target(self, given: dict[str, Any], verdict: str) -> System | Eval:
        slug = given.get("other", "") if verdict == OTHER else verdict.removeprefix(SAME)
        model: type[System | Eval] = System if given.get("kind") == NameKind.SYSTEM else Eval
        found = model._default_manager.filter(slug=slug).first()
        if found is None:
            raise ValidationError(_("Choose what the name means, or type a known slug."))
        return found


class VerdictForm(forms.Form):
    """Whether a held score counts, and why."""

    verdict = forms.ChoiceField(choices=[("accept", _("it counts")), ("reject", _("it does not"))])
    reason = forms.CharField(max_length=1000)
