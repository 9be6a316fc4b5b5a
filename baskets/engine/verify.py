"""Whether a sealed bundle says what the engine says (methodology section 11).

Central values, levels, links and contributions are rebuilt from the recorded fills by sums in a
fixed order: byte for byte on any machine. The fit is then repeated, and with it the replicates:
byte for byte under the versions that the bundle states, but for a last digit that another
processor's arithmetic rounds the other way (ROUNDED). Under other versions fills may lie apart by
one millionth, and ends of intervals by OTHER_VERSIONS: the draws depend on no library, the fit
behind them hardly. Of an end that lies farther away, but within Monte Carlo error (tolerance.py),
nothing is confirmed or refuted; farther still, it differs. What another version of the engine
cannot rebuild stays open as well. A bundle states its versions itself: they excuse nothing without
being named.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from baskets.engine.answer import Answer
from baskets.engine.bundle import ANSWER_ROWS, Bundle, read_bundle
from baskets.engine.canonical import canonical, round_floats, sha256
from baskets.engine.compare import (
    MISSING,
    Row,
    difference,
    place,
    same_bytes,
    states,
    tree_difference,
    unlike,
)
from baskets.engine.compute import compute, compute_with_replicates
from baskets.engine.environment import ENGINE_VERSION, environment
from baskets.engine.measurement import measurement_errors
from baskets.engine.problem import Problem
from baskets.engine.reading import mapping, rows
from baskets.engine.tolerance import (
    FILL_TOLERANCE,
    OTHER_VERSIONS,
    ROUNDED,
    monte_carlo_error,
)
from baskets.engine.uncertainty import Replicates

EXACT, TOLERANCE, DIFFERS, OPEN, SEALED = "exact", "tolerance", "differs", "open", "sealed"


@dataclass(frozen=True)
class Check:
    """One check: `exact`, true to a `tolerance`, `differs`, or `open` (could not be checked).

    `sealed` is what no bundle can prove by itself, and only its hash protects.
    """

    name: str
    outcome: str
    detail: str


@dataclass(frozen=True)
class Verification:
    """The outcome of every check of a bundle, with its problem as the engine read it.

    rebuilt: the answer, not rounded, that follows from the recorded fills, with the intervals,
    versions and report on the fit that the bundle states. replicates: those drawn again.
    """

    sha256: str
    checks: tuple[Check, ...]
    problem: Problem
    rebuilt: Answer
    replicates: Replicates | None

    def with_outcome(self, outcome: str) -> tuple[Check, ...]:
        """The checks that ended so."""
        return tuple(check for check in self.checks if check.outcome == outcome)


def verify(raw: bytes, *, expected: str = "", quick: bool = False) -> Verification:
    """Check a bundle's bytes; `expected` is the SHA-256 that someone published for it.

    `quick` leaves out the fit and the replicates. Refuses, with the errors of section 14 or
    MalformedBundle, what cannot be read or computed at all.
    """
    bundle = read_bundle(raw)
    found = hashlib.sha256(raw).hexdigest()
    checks = [_canonical(bundle), *_seal(found, expected), _versions(bundle), _problem(bundle)]
    central = replace(bundle.problem, method=replace(bundle.problem.method, replicates=0))
    rebuilt = compute(central, filled=bundle.filled)
    checks.append(_values(bundle, rebuilt))
    replicates = None
    if not quick:
        again, replicates = compute_with_replicates(bundle.problem)
        checks += [_fills(bundle, again), _intervals(bundle, again)]
    checks += _others(bundle, rebuilt)
    sealed = _as_sealed(bundle, rebuilt)
    return Verification(found, tuple(checks), bundle.problem, sealed, replicates)


def _as_sealed(bundle: Bundle, rebuilt: Answer) -> Answer:
    sealed = {_key(row): row for row in rows(bundle.answer, "points")}
    ends = [sealed.get((p.system, p.series, p.basket), {}) for p in rebuilt.points]
    return replace(
        rebuilt,
        points=tuple(
            replace(point, low=_end(row, "low"), high=_end(row, "high"))
            for point, row in zip(rebuilt.points, ends, strict=True)
        ),
        imputation=mapping(bundle.answer.get("imputation") or {}, at="imputation"),
        engine=bundle.made_with["engine"],
        made_with=bundle.made_with,
    )


def _end(row: Row, name: str) -> float | None:
    value = row.get(name)
    return float(value) if isinstance(value, int | float) else None


def _canonical(bundle: Bundle) -> Check:
    if canonical(bundle.json).encode() == bundle.raw:
        return Check("canonical", EXACT, f"{len(bundle.raw):,} bytes of canonical JSON")
    return Check("canonical", DIFFERS, "the bytes are not the canonical JSON of what they say")


def _seal(found: str, expected: str) -> list[Check]:
    if not expected:
        return []
    if found == expected.strip().lower():
        return [Check("sha256", EXACT, "as stated")]
    return [Check("sha256", DIFFERS, f"{expected.strip()} stated, {found} found")]


def _versions(bundle: Bundle) -> Check:
    stated, here = bundle.made_with, environment()
    if stated["engine"] != bundle.answer["engine"]:
        said = f"engine {bundle.answer['engine']} in answer.engine, {stated['engine']} in made_with"
        return Check("versions", DIFFERS, said)
    if stated == here:
        return Check("versions", EXACT, f"made with {_listed(stated)}, as here")
    outcome = TOLERANCE if _same_engine(bundle) else OPEN
    return Check("versions", outcome, f"made with {_listed(stated)}; here {_listed(here)}")


def _listed(versions: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def _same_engine(bundle: Bundle) -> bool:
    return bundle.made_with["engine"] == ENGINE_VERSION


def _failed(bundle: Bundle) -> str:
    """A part that does not agree: refuted by the same engine, left open by another."""
    return DIFFERS if _same_engine(bundle) else OPEN


def _problem(bundle: Bundle) -> Check:
    stated = bundle.answer.get("sha256")
    found = sha256(bundle.json["problem"])
    if found != stated:
        return Check("problem", DIFFERS, f"SHA-256 {states(stated, found)}")
    written = bundle.problem.to_json()
    if same_bytes(bundle.json["problem"], written):
        return Check("problem", EXACT, f"SHA-256 {found}")
    where = _tree(bundle.json["problem"], written, at="problem")
    return Check("problem", _failed(bundle), f"the engine reads it otherwise: {where}")


def _tree(stored: object, rebuilt: object, *, at: str, tolerance: float = 0.0) -> str:
    plain = round_floats(rebuilt, 15)
    found = tree_difference(stored, plain, at=at, tolerance=lambda _: tolerance)
    return found or f"{at}: the same values in another form"


def _rounded(answer: Answer) -> dict[str, Any]:
    return cast(dict[str, Any], round_floats(answer.to_json(), 6))


def _values(bundle: Bundle, rebuilt: Answer) -> Check:
    """Everything that follows from the fills without a random number."""
    wanted = _rounded(rebuilt) | {"errors": _errors(bundle.problem)}
    wanted["points"] = [_central(row) for row in wanted["points"]]
    counts, close = [], True
    for part in ANSWER_ROWS:
        stored: list[Row] = rows(bundle.answer, part)
        if part == "points":
            stored = [_central(row) for row in stored]
        counts.append(f"{len(stored):,} {part}")
        if same_bytes(stored, wanted[part]):
            continue
        where = difference(part, stored, wanted[part])
        if _same_engine(bundle) or difference(part, stored, wanted[part], tolerance=FILL_TOLERANCE):
            said = where or f"{part}: the same values in another form"
            return Check("values", _failed(bundle), said)
        close = False
    said = f"{', '.join(counts)} follow from the recorded fills"
    if close:
        return Check("values", EXACT, f"{said}, byte for byte")
    return Check("values", TOLERANCE, f"{said}, to one millionth")


def _central(row: Row) -> Row:
    """A point without its interval."""
    return {key: value for key, value in row.items() if key not in ("low", "high")}


def _errors(problem: Problem) -> list[dict[str, Any]]:
    """The measurement errors that an answer with replicates lists: those of counted evals."""
    if not problem.method.replicates:
        return []
    counted = {name for basket in problem.baskets for name in basket.weights}
    errors = [error for error in measurement_errors(problem).values() if error.eval in counted]
    return cast(list[dict[str, Any]], round_floats([vars(error) for error in errors]))


def _same_versions(bundle: Bundle) -> bool:
    return bundle.made_with == environment()


def _fills(bundle: Bundle, again: Answer) -> Check:
    """The fit, repeated."""
    wanted = _rounded(again)
    stored = rows(bundle.json, "filled")
    report = bundle.answer.get("imputation")
    said = f"the fit gives the {len(stored):,} recorded fills again"
    if same_bytes(stored, wanted["imputed"]) and same_bytes(report, wanted["imputation"]):
        return Check("fills", EXACT, f"{said}, byte for byte")
    same = _same_versions(bundle)
    fresh, reach = (again.to_json(), ROUNDED) if same else (wanted, FILL_TOLERANCE)
    fills = cast(Sequence[Row], fresh["imputed"])
    where = difference("filled", stored, fills, tolerance=reach) or tree_difference(
        report, fresh["imputation"], at="imputation", tolerance=lambda _: reach
    )
    if where:
        return Check("fills", _failed(bundle), where)
    return Check("fills", TOLERANCE, f"{said}, {_how(same, 'to one millionth of a point')}")


def _how(same: bool, tolerance: str) -> str:
    """In words, to which tolerance something agrees and why no less was asked."""
    if same:
        return "but for last digits that another processor rounds otherwise"
    return f"{tolerance}: the bundle states other versions than those here"


def _intervals(bundle: Bundle, again: Answer) -> Check:
    """The replicates, drawn again."""
    same = _same_versions(bundle)
    stored = {_key(row): row for row in rows(bundle.answer, "points")}
    exact, beyond = True, ""
    for row in cast(Sequence[Row], again.to_json()["points"]):
        kept = stored.get(_key(row), {})
        for name in ("low", "high"):
            one = kept.get(name, MISSING)
            if not unlike(one, round_floats(row[name], 6)):
                continue
            exact = False
            where = (
                f"{place('points', _key(row))}: {name} {states(one, round_floats(row[name], 6))}"
            )
            outcome, allowed = _apart(bundle, one, row, name)
            if outcome == DIFFERS:
                return Check("intervals", _failed(bundle), f"{where}, {allowed:.6f} allowed")
            beyond = beyond or (f"{where}, {allowed:.6f}" if outcome == OPEN else "")
    said = f"{bundle.problem.method.replicates:,} replicates give the intervals of"
    said = f"{said} {len(stored):,} points again"
    if exact:
        return Check("intervals", EXACT, f"{said}, byte for byte")
    if beyond:
        return Check("intervals", OPEN, f"{beyond} {_how(same, 'allowed for Monte Carlo error')}")
    return Check("intervals", TOLERANCE, f"{said}, {_how(same, f'to {OTHER_VERSIONS:g} points')}")


def _apart(bundle: Bundle, stored: object, row: Row, name: str) -> tuple[str, float]:
    """What an end of a point's interval shows that is not the rebuilt one, and what was allowed."""
    if _same_versions(bundle):
        near = not unlike(stored, row[name], tolerance=ROUNDED)
        return (TOLERANCE if near else DIFFERS), 0.0
    if not unlike(stored, row[name], tolerance=OTHER_VERSIONS):
        return TOLERANCE, OTHER_VERSIONS
    reach = max(OTHER_VERSIONS, monte_carlo_error(row, bundle.problem.method.replicates))
    return (DIFFERS if unlike(stored, row[name], tolerance=reach) else OPEN), reach


def _key(row: Row) -> tuple[str, ...]:
    return tuple(str(row.get(name)) for name in ("system", "series", "basket"))


def _others(bundle: Bundle, rebuilt: Answer) -> Sequence[Check]:
    """Parts of the bundle that no check above has read."""
    left_out = len(rows(bundle.json, "excluded"))
    said = f"sealed, but not rebuilt: {left_out:,} scores left out, with their reasons"
    found = [Check("excluded", SEALED, f"{said}; only the database that made it knows them")]
    more = sorted(set(bundle.answer) - set(rebuilt.to_json()))
    names = [*bundle.others, *(f"answer.{name}" for name in more)]
    if names:
        said = f"sealed, but not rebuilt by this check: {', '.join(names)}"
        found.append(Check("others", OPEN, said))
    return found
