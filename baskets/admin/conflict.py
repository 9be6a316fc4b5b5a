"""Two people at one version: what the second one typed, beside what is stored by now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.models import BaseInlineFormSet
from django.utils.translation import gettext as _

MISSING = "–"


@dataclass(frozen=True)
class Row:
    """One field in two states; `subject` is blank for a field of the version itself."""

    subject: str
    label: str
    stored: str
    yours: str


def rows_of(form: forms.ModelForm[Any], formsets: Sequence[Any]) -> list[Row]:
    """Every field in which the posted forms differ from the rows that are stored now.

    The forms are bound to rows read after the conflict, so what they count as changed is just that.
    """
    found = list(_changed(form, ""))
    for formset in formsets:
        found += _of_formset(formset)
    return found


def _of_formset(formset: BaseInlineFormSet[Any, Any, Any]) -> Iterator[Row]:
    there = _("is there")
    posted = {str(row["id"].value()) for row in formset.forms}
    for kept in formset.get_queryset():
        if str(kept.pk) not in posted:
            yield Row(str(kept), _("whole row"), there, MISSING)
    for row in formset.forms:
        before, now = _eval_of(row, row.initial.get("eval")), _eval_of(row, row["eval"].value())
        deleted = "DELETE" in row.fields and bool(row["DELETE"].value())
        if row.instance.pk and deleted:
            yield Row(before, _("whole row"), there, MISSING)
        elif row.instance.pk:
            yield from _changed(row, before)
        elif row.has_changed() and not deleted:
            yield Row(now, _("whole row"), MISSING, there)


def _changed(form: Any, subject: str) -> Iterator[Row]:
    for name in form.changed_data:
        if name not in ("began_from", "DELETE", "id", "version"):
            bound = form[name]
            field = bound.field
            yield Row(
                subject,
                str(bound.label),
                _shown(field, bound.initial),
                _shown(field, bound.value()),
            )


def _eval_of(row: Any, value: object) -> str:
    return _shown(row.fields.get("eval"), value)


def _shown(field: Any, value: object) -> str:
    """A field's value in words: the names of the rows that it points at."""
    if value is None or value == "" or value == []:
        return MISSING
    if hasattr(field, "queryset"):
        values = value if isinstance(value, list | tuple) else [value]
        keys = [getattr(item, "pk", item) for item in values]
        known = field.queryset.filter(pk__in=[key for key in keys if str(key).isdigit()])
        return ", ".join(sorted(map(str, known))) or MISSING
    return str(value)
