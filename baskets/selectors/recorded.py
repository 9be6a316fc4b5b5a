"""Whether the database says what a release's bundle says, table by table."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from baskets.engine.compare import MISSING, place, tree_difference, unlike
from baskets.models import IndexPoint, Link, Release
from baskets.selectors.problem_rows import standard_error
from evals.models import Score
from evals.selectors import scores_of

Row = Mapping[str, Any]
Key = tuple[str, ...]

POINT_FIELDS = (
    "value",
    "low",
    "high",
    "coverage",
    "imputed_share",
    "worst",
    "best",
    "official",
    "back_cast",
    "on_official_version",
)
LINK_FIELDS = ("overlap", "additive", "ratio", "odds")
MOVES = ("before", "after", "terms")
SYSTEMS_AT_A_TIME = 50
# Analyses are rounded; revisions are not, and another machine may add up their last bit otherwise.
LAST_DIGIT = 1e-6 + 1e-9
REVISION_TOLERANCE = 1e-9
SENSITIVITY = "sensitivity"


def release_differences(release: Release, answer: Row) -> Iterator[str]:
    """Where the columns of the release itself differ from its bundle."""
    for name, sealed in (
        ("engine_version", answer.get("engine")),
        ("problem_sha256", answer.get("sha256")),
    ):
        if getattr(release, name) != sealed:
            yield f"{name}: {_both(getattr(release, name), sealed)}"


def point_differences(release: Release, answer: Row) -> Iterator[str]:
    """Where the release's points differ from its bundle, in any column."""
    wanted: dict[Key, Row] = {
        (p["system"], p["series"], p["basket"]): p
        | {"imputed_share": p["imputed_share"] or 0.0, "on_official_version": p["in_force"]}
        for p in answer["points"]
        if p["value"] is not None
    }
    names = ("system__slug", "series", "version__basket__slug", "version__number", *POINT_FIELDS)
    stored = IndexPoint.objects.filter(release=release).order_by("id").values_list(*names)
    found = (
        ((system, series, f"{basket}-{number}"), dict(zip(POINT_FIELDS, row, strict=True)))
        for system, series, basket, number, *row in stored.iterator(chunk_size=5000)
    )
    yield from _row_differences("points", found, wanted, POINT_FIELDS)


def link_differences(release: Release, answer: Row) -> Iterator[str]:
    """Where the release's links differ from its bundle, in any column."""
    wanted: dict[Key, Row] = {
        (row["series"], row["from"], row["to"]): row for row in answer["links"]
    }
    stored = Link.objects.filter(release=release).order_by("id")
    found = (
        (
            (
                link.series,
                f"{link.from_version.basket.slug}-{link.from_version.number}",
                f"{link.to_version.basket.slug}-{link.to_version.number}",
            ),
            {name: getattr(link, name) for name in LINK_FIELDS},
        )
        for link in stored.select_related("from_version__basket", "to_version__basket")
    )
    yield from _row_differences("links", found, wanted, LINK_FIELDS)


def _row_differences(
    part: str,
    found: Iterable[tuple[Key, Row]],
    wanted: dict[Key, Row],
    fields: Sequence[str],
) -> Iterator[str]:
    """Differences of rows by key; every wanted row is taken out of `wanted` when it is met."""
    for key, row in found:
        sealed = wanted.pop(key, None)
        if sealed is None:
            yield f"{place(part, key)}: in the table, not in the bundle"
            continue
        for name in fields:
            if unlike(row[name], sealed[name]):
                yield f"{place(part, key)}: {name} {_both(row[name], sealed[name])}"
    for key in wanted:
        yield f"{place(part, key)}: in the bundle, not in the table"


ADDED = frozenset({"errors"})
"""What the summaries of earlier releases lack."""


def summary_differences(release: Release, wanted: Row, *, drawn: bool) -> Iterator[str]:
    """Where the stored summary is not the one that follows from the bundle.

    Differences between systems rest on replicates, and are compared only where those were `drawn`
    again byte for byte.
    """
    stored = release.summary
    if not isinstance(stored, dict):
        yield "summary: it is no object"
        return
    for name in dict.fromkeys([*wanted, *stored]):
        if name in ADDED and name not in stored:
            continue
        one, other = stored.get(name, MISSING), wanted.get(name, MISSING)
        if not drawn:
            one, other = _without_draws(one), _without_draws(other)
        found = tree_difference(one, other, at=f"summary.{name}", tolerance=lambda _: 0.0)
        if found:
            yield found


def analysis_differences(release: Release, wanted: Row, *, drawn: bool) -> Iterator[str]:
    """Where a stored analysis is not the one that follows from the bundle.

    The sensitivity of a release that was published is compared only where it was `drawn` again.
    """
    stored = dict(release.analyses.values_list("kind", "content"))
    for kind in stored.keys() - wanted.keys():
        if drawn or kind != SENSITIVITY or release.reconstructed:
            yield f"analysis {kind}: in the table, but nothing in the bundle makes one"
    if not drawn and not release.reconstructed and SENSITIVITY not in stored:
        yield f"analysis {SENSITIVITY}: not stored"
    for kind, content in wanted.items():
        if kind not in stored:
            yield f"analysis {kind}: not stored"
            continue
        found = tree_difference(
            stored[kind], content, at=f"analysis {kind}", tolerance=lambda _: LAST_DIGIT
        )
        if found:
            yield found


def revision_differences(release: Release, wanted: Sequence[Row]) -> Iterator[str]:
    """Where what is stored about why values moved is not what follows from the two bundles."""
    rebuilt: dict[Key, Any] = {(row["system"], row["series"]): row for row in wanted}
    stored = release.revisions.order_by("id").values_list("system__slug", "series", *MOVES)
    for system, series, *values in stored.iterator(chunk_size=1000):
        where = place("revisions", (system, series))
        row = rebuilt.pop((system, series), None)
        if row is None:
            yield f"{where}: in the table, but nothing moved"
            continue
        for name, value in zip(MOVES, values, strict=True):
            found = tree_difference(
                value, row[name], at=name, tolerance=lambda _: REVISION_TOLERANCE
            )
            if found:
                yield f"{where}: {found}"
    for key in rebuilt:
        yield f"{place('revisions', key)}: not stored"


def _without_draws(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _without_draws(v) for key, v in value.items() if key != "difference"}
    return [_without_draws(v) for v in value] if isinstance(value, list) else value


def score_differences(bundle: Row) -> Iterator[str]:
    """Scores of the bundle, counted or left out, that no stored score says in the same way."""
    counted, left_out = _by_system(bundle["problem"]["scores"]), _by_system(bundle["excluded"])
    systems = sorted(counted.keys() | left_out.keys())
    for start in range(0, len(systems), SYSTEMS_AT_A_TIME):
        part = systems[start : start + SYSTEMS_AT_A_TIME]
        stored: dict[tuple[str, str], list[Score]] = defaultdict(list)
        for score in scores_of(part):
            stored[score.system.slug, score.eval.slug].append(score)
        for system in part:
            hashes = {row["content_hash"] for row in left_out[system]}
            for row in counted[system]:
                cell = stored[system, row["eval"]]
                yield from _counted(row, [s for s in cell if s.content_hash not in hashes])
            for row in left_out[system]:
                yield from _left_out(row, stored[system, row["eval"]])


def _by_system(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["system"]].append(row)
    return found


def _counted(row: Row, candidates: Sequence[Score]) -> Iterator[str]:
    """The counted score of a cell, against the stored ones that were not left out."""
    said = [said_otherwise(row, score) for score in candidates]
    if "" in said:
        return
    nearest = min(
        range(len(said)), key=lambda n: abs(candidates[n].value - row["value"]), default=None
    )
    why = "no such score is stored" if nearest is None else said[nearest]
    yield f"{place('scores', (row['system'], row['eval']))}: {why}"


def said_otherwise(row: Row, score: Score) -> str:
    """The first field in which a stored score differs from a bundle's; empty where none does."""
    stored = {
        "value": score.value,
        "stderr": standard_error(score),
        "n_items": score.n_items or None,
    }
    for name, value in stored.items():
        if unlike(value, row.get(name)):
            return f"{name} {_both(value, row.get(name))}"
    return ""


def _left_out(row: Row, cell: Sequence[Score]) -> Iterator[str]:
    where = place("scores left out", (row["system"], row["eval"]))
    same = [score for score in cell if score.content_hash == row["content_hash"]]
    if not same:
        yield f"{where}: no stored score has the content hash {row['content_hash'][:16]}…"
    elif unlike(same[0].value, row["value"]):
        yield f"{where}: value {_both(same[0].value, row['value'])}"


def _both(stored: object, sealed: object) -> str:
    return f"{stored!r} in the table, {sealed!r} in the bundle"
