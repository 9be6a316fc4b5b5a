"""The forms of the desk, filled from it and read back into it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, QueryDict

from baskets.admin.desk import NOTES, PER_CENT, ROW, Desk, NotesForm, RowForm, per_cent
from baskets.charts.state import ORDER
from baskets.selectors.catalog import EvalName
from baskets.selectors.content import WeightContent

GONE = "gone:"
LONGEST_REASON = 2000


@dataclass(frozen=True)
class DeskForms:
    """The version's form, a form for each eval, and the reasons of those that left."""

    notes: NotesForm
    rows: Mapping[str, RowForm]
    gone: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, desk: Desk) -> DeskForms:
        """The forms that show a desk."""
        facts = {name: getattr(desk.content, name) for name in NOTES}
        notes = NotesForm(initial={**facts, "edition": desk.edition, "why": desk.why})
        contents = {row.eval: row for row in desk.content.weights}
        rows = {name: _row_form(desk, name, contents[name]) for name in desk.shares}
        return cls(notes, rows, desk.content.departures)

    @classmethod
    def posted(cls, request: HttpRequest, names: Mapping[str, EvalName]) -> DeskForms:
        """The forms as they were sent; names of evals that there are not are left out."""
        data = request.POST
        sent = [name for name in data.getlist("eval") if name in names]
        rows = {name: RowForm(data, prefix=name) for name in dict.fromkeys(sent)}
        return cls(NotesForm(data), rows, tuple(_reasons(data, names)))

    def valid(self) -> bool:
        """Whether all can be read; every form then says what it cannot read."""
        found = [form.is_valid() for form in (self.notes, *self.rows.values())]
        return all(found)

    def desk(self, before: Desk) -> Desk:
        """The desk that valid forms hold; `before` is what is stored."""
        said = self.notes.cleaned_data
        facts = {name: said[name] for name in NOTES}
        weights = {row.eval: row.weight for row in before.content.weights}
        rows = tuple(
            WeightContent(
                name,
                weights.get(name, 0.0),
                **{key: form.cleaned_data[key] for key in ROW},
            )
            for name, form in self.rows.items()
        )
        content = replace(before.content, **facts, weights=rows, departures=self.gone)
        shares = {n: int(f.cleaned_data["share"] * PER_CENT) for n, f in self.rows.items()}
        locked = frozenset(n for n, f in self.rows.items() if f.cleaned_data["locked"])
        return Desk(said["edition"], content, shares, locked, said["why"], before.names)


def posted_shares(data: QueryDict, names: Mapping[str, EvalName]) -> tuple[dict[str, int], Any]:
    """(shares, locked) as they stand on the page, for a preview; what cannot be read counts 0."""
    shares = {}
    for name in data.getlist("eval"):
        if name in names:
            shares[name] = _millionths(data.get(f"{name}-share", ""))
    return shares, frozenset(name for name in shares if data.get(f"{name}-locked"))


def grouped(desk: Desk, forms: DeskForms, *, touched: str = "") -> list[dict[str, Any]]:
    """Domains with their subdomains and evals, each with its share in per cent.

    touched: the branch or eval that a button has just moved. Its domain is open, and so is one in
    which something is wrong or has no reason yet.
    """
    domains: dict[str, dict[str, list[str]]] = {}
    for name in forms.rows:
        item = desk.names[name]
        domains.setdefault(item.domain, {}).setdefault(item.subdomain, []).append(name)
    place = {name: number for number, name in enumerate(ORDER)}
    moved = desk.names[touched].domain if touched in desk.names else touched.partition("/")[0]
    found = []
    for domain in sorted(domains, key=lambda name: (place.get(name, len(place)), name)):
        parts = [
            {"key": f"{domain}/{sub}", "subdomain": sub, "share": _together(desk, inside),
             "rows": [{"item": desk.names[n], "form": forms.rows[n]} for n in inside]}
            for sub, inside in sorted(domains[domain].items())
        ]  # fmt: skip
        every = [name for inside in domains[domain].values() for name in inside]
        shown = moved == domain or any(_unfinished(forms.rows[name]) for name in every)
        found.append(
            {"key": domain, "share": _together(desk, every), "parts": parts, "n": len(every),
             "open": shown}
        )  # fmt: skip
    return found


def _unfinished(form: RowForm) -> bool:
    return bool(form.errors) or not form["rationale"].value()


def fields_of(desk: Desk) -> dict[str, str]:
    """What every number of the page shows, by the name of its field."""
    found = {f"{name}-share": per_cent(share) for name, share in desk.shares.items()}
    totals: dict[str, int] = defaultdict(int)
    for name, share in desk.shares.items():
        item = desk.names[name]
        totals[f"branch:{item.domain}"] += share
        totals[f"branch:{item.domain}/{item.subdomain}"] += share
    return found | {name: per_cent(share) for name, share in totals.items()}


def _together(desk: Desk, names: list[str]) -> str:
    return per_cent(sum(desk.shares.get(name, 0) for name in names))


def _row_form(desk: Desk, name: str, row: WeightContent) -> RowForm:
    facts = {key: getattr(row, key) for key in ROW}
    share = per_cent(desk.shares[name])
    return RowForm(prefix=name, initial={**facts, "share": share, "locked": name in desk.locked})


def _reasons(data: QueryDict, names: Mapping[str, EvalName]) -> Iterator[tuple[str, str]]:
    for key in data:
        name = key.removeprefix(GONE)
        if key.startswith(GONE) and name in names:
            yield name, str(data[key]).strip()[:LONGEST_REASON]


def _millionths(text: str) -> int:
    try:
        share = Decimal(text.strip().replace(",", "."))
        return min(max(0, int(share * PER_CENT)), 100 * PER_CENT)
    except (ArithmeticError, ValueError):
        return 0
