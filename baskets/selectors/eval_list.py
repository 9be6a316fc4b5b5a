"""The list of evals with their weight, evidence and headroom in one release."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from django.db.models import Exists, OuterRef, Q

from baskets.engine.sheet import sheet_from
from baskets.models import Release, Sheet
from baskets.selectors import releases
from baskets.selectors.catalog import EvalName
from baskets.selectors.evals import goalposts_of, headroom, last_weights, newest_version
from baskets.selectors.known import EVERYTHING, Known
from baskets.selectors.watch import lifecycles
from baskets.sheets import unpacked_cells
from evals.models import Alias, Domain, Eval

SORTS = ("name", "domain", "weight", "systems", "headroom")
LIFECYCLES = ("experimental", "active", "saturating", "retired", "none")


@dataclass(frozen=True)
class Wanted:
    """Which evals are wanted; an empty text leaves a field open.

    `counted`: "yes" with a weight in the newest basket, "no" without. The words of `text` each
    stand in a name, a slug, an alias or in what the eval measures.
    """

    domain: str = ""
    subdomain: str = ""
    lifecycle: str = ""
    counted: str = ""
    text: str = ""


@dataclass(frozen=True)
class EvalRow:
    """An eval with its share of the newest basket, its spread of evidence and its headroom.

    `systems` have a score that stands for them, of which `best` is the best, in the eval's unit.
    """

    eval: EvalName
    share: float | None
    systems: int
    best: float | None
    headroom: float | None
    lifecycle: str

    @property
    def share_text(self) -> str:
        """The share in per cent with one decimal."""
        return "" if self.share is None else f"{100 * self.share:.1f}%"


def domains() -> list[str]:
    """The domains' slugs in their order."""
    return list(Domain.objects.values_list("slug", flat=True))


def subdomains(domain: str, known: Known = EVERYTHING) -> list[str]:
    """The subdomains of a domain's known evals, by name; none without a domain."""
    items = Eval.objects.filter(known.named("eval"), domain__slug=domain)
    found = items.order_by("subdomain")
    return list(found.values_list("subdomain", flat=True).distinct()) if domain else []


def eval_rows(
    release: Release | None, basket_slug: str, wanted: Wanted, *, known: Known = EVERYTHING
) -> list[EvalRow]:
    """The known evals that are wanted, in five queries however many they are."""
    version = newest_version(basket_slug, known)
    last = last_weights(basket_slug, known)
    weights = {w.eval_id: w for w in last.values() if version and w.version_id == version.pk}
    total = sum(weight.weight for weight in weights.values())
    evidence = taken(release.pk) if release else {}
    stages = lifecycles(release) if release else {}
    items = Eval.objects.filter(known.named("eval"), _asked(wanted), *_texts(wanted.text))
    rows = []
    for item in items.select_related("domain"):
        weight = weights.get(item.pk)
        systems, low, high = evidence.get(item.slug, (0, None, None))
        best = low if item.direction == Eval.Direction.LOWER else high
        rows.append(
            EvalRow(
                eval=EvalName(item.slug, item.name, item.domain.slug, item.subdomain, item.unit),
                share=weight.weight / total if weight else None,
                systems=systems,
                best=best,
                headroom=headroom(item, best, goalposts_of(item, last.get(item.pk))),
                lifecycle=stages.get(item.slug, ""),
            )
        )
    return [row for row in rows if _is(row, wanted)]


def _asked(wanted: Wanted) -> Q:
    fields = {"domain__slug": wanted.domain, "subdomain": wanted.subdomain}
    return Q(**{name: value for name, value in fields.items() if value})


def _texts(text: str) -> Iterator[Q]:
    for word in text.split():
        aliases = Alias.objects.filter(eval=OuterRef("pk"), name__icontains=word)
        yield (
            Q(name__icontains=word)
            | Q(slug__icontains=word)
            | Q(measures__icontains=word)
            | Q(Exists(aliases))
        )


def _is(row: EvalRow, wanted: Wanted) -> bool:
    stage = "" if wanted.lifecycle == "none" else wanted.lifecycle
    return (not wanted.lifecycle or row.lifecycle == stage) and (
        not wanted.counted or (wanted.counted == "yes") is (row.share is not None)
    )


@lru_cache(maxsize=2)
def taken(release: int) -> dict[str, tuple[int, float, float]]:
    """(systems, lowest, highest) of the scores that a release took, by eval."""
    found: dict[str, tuple[int, float, float]] = {}
    for name, value in _cells(release):
        systems, low, high = found.get(name, (0, value, value))
        found[name] = (systems + 1, min(low, value), max(high, value))
    return found


def _cells(release: int) -> Iterator[tuple[str, float]]:
    """(eval, value) of every score that a release took: from its sheets, a system at a time.

    Of a release that was made before there were sheets, from its whole bundle.
    """
    none = True
    sheets = Sheet.objects.filter(release=release).values_list("cells", flat=True)
    for packed in sheets.iterator(chunk_size=200):
        none = False
        for cell in sheet_from(unpacked_cells(bytes(packed))).cells:
            yield cell.eval, cell.value
    if none:
        for row in releases.short_bundle(Release(pk=release))["problem"]["scores"]:
            yield row["eval"], row["value"]


def sorted_rows(rows: list[EvalRow], sort: str) -> list[EvalRow]:
    """The rows by one of SORTS, descending with a leading minus; rows without a value last."""
    name, down = sort.removeprefix("-"), sort.startswith("-")
    ordered = sorted(rows, key=lambda row: (row.eval.name.lower(), row.eval.slug))
    if name == "name":
        return ordered[::-1] if down else ordered
    if name == "domain":
        order = {slug: n for n, slug in enumerate(("capability", "safety", "alignment"))}
        place = len(order)
        return sorted(
            ordered,
            key=lambda row: (order.get(row.eval.domain, place), row.eval.subdomain),
            reverse=down,
        )
    values: dict[str, Callable[[EvalRow], float | None]] = {
        "weight": lambda row: row.share,
        "systems": lambda row: row.systems,
        "headroom": lambda row: row.headroom,
    }
    value = values[name]
    return [
        *sorted(
            (row for row in ordered if value(row) is not None),
            key=lambda row: value(row) or 0.0,
            reverse=down,
        ),
        *(row for row in ordered if value(row) is None),
    ]
