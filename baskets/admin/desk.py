"""What lies before a steward who weighs a draft: read from the page, changed, made content again.

Nothing of it is stored before it is saved: every button of the page but that one sends the whole
desk and gets it back changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from baskets import weighing
from baskets.models import BasketVersion, Weight
from baskets.selectors.catalog import EvalName
from baskets.selectors.content import OWN, Content, WeightContent, content_of
from baskets.weighing import WHOLE, CannotWeigh

PER_CENT = WHOLE // 100
NOTES = OWN
ROW = Weight.DECIDED[1:]


def per_cent(share: int) -> str:
    """A share in millionths as the page writes it: per cent with at most four decimals."""
    text = f"{Decimal(share) / PER_CENT:.4f}"
    return text.rstrip("0").rstrip(".")


class NotesForm(forms.ModelForm[BasketVersion]):
    """The version's own facts, the edition that the person began from, and why it is edited."""

    edition = forms.IntegerField(widget=forms.HiddenInput)
    why = forms.CharField(
        label=gettext_lazy("Reason for this change"),
        help_text=gettext_lazy("Kept with what you change, for whoever looks at the history."),
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"size": 60}),
    )

    class Meta:
        model = BasketVersion
        fields = NOTES
        widgets = {
            "effective_on": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            "rationale": forms.Textarea(attrs={"rows": 5}),
            "lost_status_reason": forms.Textarea(attrs={"rows": 2}),
        }


class RowForm(forms.Form):
    """One eval of the desk; its share is of the headline, in per cent."""

    share = forms.DecimalField(
        min_value=Decimal("0.0001"),
        max_value=100,
        decimal_places=4,
        error_messages={
            "min_value": gettext_lazy("Give it a weight above 0, or let it leave the basket."),
        },
    )
    locked = forms.BooleanField(required=False)
    selection = forms.ChoiceField(
        label=gettext_lazy("Counts which score"), choices=Weight.Selection.choices
    )
    protocol = forms.CharField(
        label=gettext_lazy("Only runs that name"), max_length=200, required=False
    )
    owner = forms.CharField(label=gettext_lazy("Owner"), max_length=120, required=False)
    rationale = forms.CharField(
        label=gettext_lazy("Why it weighs this"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    floor = forms.FloatField(label=gettext_lazy("Floor (0 points)"), required=False)
    ceiling = forms.FloatField(label=gettext_lazy("Ceiling (100 points)"), required=False)
    reference = forms.FloatField(label=gettext_lazy("Reference rating"), required=False)
    goalpost_reason = forms.CharField(
        label=gettext_lazy("Why these goalposts"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


@dataclass(frozen=True)
class Desk:
    """Shares in millionths by eval, what is locked, all else that a version says, and who left."""

    edition: int
    content: Content
    shares: Mapping[str, int]
    locked: frozenset[str] = frozenset()
    why: str = ""
    names: Mapping[str, EvalName] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, version: BasketVersion, names: Mapping[str, EvalName]) -> Desk:
        """The draft as it is stored, in shares of the sum of its weights."""
        content = content_of(version)
        return cls(version.edition, content, stored_shares(content), names=names)

    def branch(self, key: str) -> list[str]:
        """The evals of a domain, or of a subdomain written domain/subdomain."""
        found = []
        for name in self.shares:
            item = self.names[name]
            if key in (item.slug, item.domain, f"{item.domain}/{item.subdomain}"):
                found.append(name)
        return found

    def weighed(self, stored: Content) -> Content:
        """The content to be saved: weights that add up to 1 exactly, or those that are stored.

        A draft whose weights add up to something else keeps them where no share was moved.
        """
        if dict(self.shares) == stored_shares(stored):
            return self.content
        shares = weighing.normalised(self.shares, locked=self.locked)
        rows = (replace(w, weight=weighing.weight_of(shares[w.eval])) for w in self.content.weights)
        return replace(self.content, weights=tuple(rows))


def stored_shares(content: Content) -> dict[str, int]:
    """The shares of stored weights; none where there is no weight yet."""
    weights = {row.eval: row.weight for row in content.weights}
    return weighing.shares_of(weights) if weights else {}


def normalise(desk: Desk, key: str, given: Mapping[str, Any]) -> Desk:
    """All shares add up to the whole."""
    return replace(desk, shares=weighing.normalised(desk.shares, locked=desk.locked))


def scale(desk: Desk, key: str, given: Mapping[str, Any]) -> Desk:
    """A branch, or one eval, weighs what its own field says; all else makes room."""
    text = given.get(f"branch:{key}", "")
    try:
        to = int(Decimal(text.strip().replace(",", ".")) * PER_CENT)
    except (ArithmeticError, ValueError):
        raise CannotWeigh(_("Write the branch's weight as per cent, such as 12.5.")) from None
    shares = weighing.scaled(desk.shares, desk.branch(key), to, locked=desk.locked)
    return replace(desk, shares=shares)


def equalise(desk: Desk, key: str, given: Mapping[str, Any]) -> Desk:
    """The open evals of a branch weigh the same."""
    shares = weighing.equalised(desk.shares, desk.branch(key), locked=desk.locked)
    return replace(desk, shares=shares)


def retire(desk: Desk, key: str, given: Mapping[str, Any]) -> Desk:
    """An eval leaves; where the version before counts it, the departure asks for a reason."""
    shares = weighing.retired(desk.shares, key, locked=desk.locked)
    return _without(desk, key, shares, given)


def enter(desk: Desk, key: str, given: Mapping[str, Any]) -> Desk:
    """An eval comes in with the mean weight, to be given a reason."""
    name = key or given.get("enter", "")
    _known(desk, name)
    mean = max(1, WHOLE // (len(desk.shares) + 1))
    shares = weighing.entered(desk.shares, name, mean, locked=desk.locked)
    return _with(desk, _new(name, given), shares)


def substitute(desk: Desk, key: str, given: Mapping[str, Any]) -> Desk:
    """An eval takes the place of another one, with its share."""
    old, new = given.get("old", ""), given.get("new", "")
    _known(desk, new)
    if old not in desk.shares:
        raise CannotWeigh(_("Choose which eval is replaced."))
    shares = weighing.replaced(desk.shares, old, new)
    return _with(_without(desk, old, desk.shares, given), _new(new, given), shares)


OPERATIONS: dict[str, Callable[[Desk, str, Mapping[str, Any]], Desk]] = {
    "normalise": normalise,
    "scale": scale,
    "equalise": equalise,
    "retire": retire,
    "enter": enter,
    "replace": substitute,
}


def _known(desk: Desk, name: str) -> None:
    if name not in desk.names:
        raise CannotWeigh(_("Choose an eval that is to be counted."))


def _new(name: str, given: Mapping[str, Any]) -> WeightContent:
    return WeightContent(name, 0.0, Weight.Selection.BEST, given.get("person", ""), "")


def _with(desk: Desk, row: WeightContent, shares: Mapping[str, int]) -> Desk:
    left = tuple(pair for pair in desk.content.departures if pair[0] != row.eval)
    weights = (*desk.content.weights, row)
    content = replace(desk.content, weights=weights, departures=left)
    order = sorted(shares, key=lambda n: (desk.names[n].domain, desk.names[n].subdomain, n))
    return replace(desk, content=content, shares={name: shares[name] for name in order})


def _without(desk: Desk, name: str, shares: Mapping[str, int], given: Mapping[str, Any]) -> Desk:
    weights = tuple(row for row in desk.content.weights if row.eval != name)
    left = desk.content.departures
    if name in given.get("counted_before", ()):
        left = (*left, (name, ""))
    content = replace(desk.content, weights=weights, departures=left)
    return replace(desk, content=content, shares=shares, locked=desk.locked - {name})
