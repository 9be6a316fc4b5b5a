"""Which of a cell's scores a release counts, read from the release's own sealed problem."""

from __future__ import annotations

import datetime as dt
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from sys import intern
from threading import Lock
from typing import NamedTuple
from weakref import WeakValueDictionary

import msgspec
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from baskets.models import Release
from baskets.pieces import keys_in
from baskets.selectors.decided import ACCEPTED
from baskets.selectors.parts import part_texts
from evals.models import Decision


class Told(NamedTuple):
    """A score as it is judged: its cell by slugs, and its status now or on the date asked for.

    `late`: it was recorded after the release was made. `status_then` is that of the moment when the
    release was made. Without a release they are False and None.
    """

    pk: int
    system: str
    eval: str
    released_on: dt.date
    value: float
    content_hash: str
    observed_on: dt.date
    late: bool
    status: str | None
    status_reason: str | None
    status_then: str | None


@dataclass(frozen=True)
class Standing:
    """Whether a score stands for its cell, whether the index counts it, and in words why (not).

    `candidate`: it stands, or might have: it is accepted, or was when the release was made.
    """

    stands: bool
    counts: bool
    why: str
    candidate: bool


class Reasons(dict[str, str]):
    """Why the scores of one eval were left out, by their hash; a dict that can be held weakly."""

    eval: str = ""


NOTHING = Reasons()


@dataclass(frozen=True)
class Sealed:
    """What a release took: its cells, by eval what it left out and why, each version's evals.

    `values` are those of an eval's cells, in its unit, and `repeated` those of several of them.
    """

    cells: dict[tuple[str, str], float]
    values: Mapping[str, frozenset[float]]
    repeated: Mapping[str, frozenset[float]]
    excluded: Mapping[str, Reasons]
    versions: tuple[tuple[dt.date, frozenset[str]], ...]

    def evals_for(self, released_on: dt.date) -> frozenset[str]:
        """The evals of the version in force on a date, of the first before any."""
        found = self.versions[0][1]
        for effective_on, evals in self.versions:
            if effective_on <= released_on:
                found = evals
        return found

    def is_shared(self, system: str, name: str, value: float) -> bool:
        """Whether another system counts with this very value on the eval."""
        if name not in self.values:
            return False
        if value in self.repeated[name]:
            return True
        return value in self.values[name] and self.cells.get((system, name)) != value

    def counts_anywhere(self, name: str) -> bool:
        """Whether any version counts the eval."""
        return any(name in evals for _day, evals in self.versions)


class _Score(msgspec.Struct, gc=False):
    system: str
    eval: str
    value: float


class _Basket(msgspec.Struct):
    effective_on: str
    weights: dict[str, float]


class _Problem(msgspec.Struct):
    scores: list[_Score]
    baskets: list[_Basket]


class _Excluded(msgspec.Struct, gc=False):
    content_hash: str
    eval: str
    reason: str


class _Bundle(msgspec.Struct):
    """The parts of a bundle that say what it took; all others are passed over."""

    problem: _Problem
    excluded: list[_Excluded]


_READER = msgspec.json.Decoder(_Bundle)
_PART_READER = msgspec.json.Decoder(list[_Excluded])
_READING = Lock()
_parts: WeakValueDictionary[str, Reasons] = WeakValueDictionary()
"""What is held of parts, which never change: two releases in a row share nearly all of them."""


def sealed_of(release: Release) -> Sealed:
    """What a release took, read once by one thread."""
    with _READING:
        return _sealed(release.pk)


@lru_cache(maxsize=2)
def _sealed(release: int) -> Sealed:
    stored = Release.objects.only("bundle", "left_out").get(pk=release)
    bundle = _READER.decode(zlib.decompress(stored.bundle))
    # The same few slugs and reasons stand in it hundreds of thousands of times.
    cells = {(intern(row.system), intern(row.eval)): row.value for row in bundle.problem.scores}
    values: dict[str, list[float]] = defaultdict(list)
    for (_system, name), value in cells.items():
        values[name].append(value)
    return Sealed(
        cells=cells,
        values={name: frozenset(found) for name, found in values.items()},
        repeated={name: _repeated(found) for name, found in values.items()},
        excluded=_by_eval(bundle.excluded) | _in_parts(stored.left_out),
        versions=tuple(
            (dt.date.fromisoformat(basket.effective_on), frozenset(basket.weights))
            for basket in bundle.problem.baskets
        ),
    )


def _repeated(values: Iterable[float]) -> frozenset[float]:
    return frozenset(value for value, count in Counter(values).items() if count > 1)


def _by_eval(rows: Iterable[_Excluded]) -> dict[str, Reasons]:
    found: dict[str, Reasons] = defaultdict(Reasons)
    for row in rows:
        found[row.eval][row.content_hash] = intern(row.reason)
    return dict(found)


def _in_parts(left_out: str) -> dict[str, Reasons]:
    """By eval what the parts that the part of a key lists hold; those that are new are read."""
    (listed,) = part_texts([left_out]) if left_out else [b"[]"]
    keys = keys_in(listed)
    held = {key: _parts.get(key) for key in keys}
    new = [key for key, reasons in held.items() if reasons is None]
    for key, text in zip(new, part_texts(new), strict=True):
        ((name, reasons),) = _by_eval(_PART_READER.decode(text)).items()
        reasons.eval = intern(name)
        _parts[key] = held[key] = reasons
    return {reasons.eval: reasons for reasons in held.values() if reasons is not None}


def standings(scores: Sequence[Told], release: Release | None) -> list[Standing]:
    """The standing of each score, in their order."""
    if release is None:
        return [_unreleased(score) for score in scores]
    sealed = sealed_of(release)
    found: list[Standing | None] = []
    cells: dict[tuple[str, str], int] = defaultdict(int)
    for score in scores:
        left = sealed.excluded.get(score.eval, NOTHING).get(score.content_hash, "")
        late = "" if left else _too_late(score, release)
        cell = score.system, score.eval
        taken = not (left or late) and sealed.cells.get(cell) == score.value
        found.append(None if taken else _not_taken(score, left, late))
        if taken or left:
            # The release chose among these for their cell.
            cells[cell] += 1
    language = get_language()
    return [
        standing or _standing_for_cell(score, cells[score.system, score.eval], sealed, language)
        for score, standing in zip(scores, found, strict=True)
    ]


def _unreleased(score: Told) -> Standing:
    why = _status(score) or _("no release yet")
    return Standing(False, False, why, candidate=not _status(score))


def _not_taken(score: Told, left: str, late: str) -> Standing:
    status = _status(score)
    if left and status:
        why = _("%(then)s; since then %(status)s") % {"then": left, "status": status}
    else:
        why = left or status or late
    return _out(why, not status)


@lru_cache(maxsize=1024)
def _out(why: str, candidate: bool) -> Standing:
    return Standing(False, False, why, candidate)


def _standing_for_cell(
    score: Told, candidates: int, sealed: Sealed, language: str | None
) -> Standing:
    counts = score.eval in sealed.evals_for(score.released_on)
    status = _status(score)
    if counts and not status:
        return _counted(candidates, language)
    if counts:
        why = _counted(candidates, language).why
    elif sealed.counts_anywhere(score.eval):
        why = _("not in the basket that this system stands on; helps to fill gaps")
    else:
        why = _("in no basket; helps to fill gaps")
    if status:
        # Until the next release it counts, whatever has become of it.
        since = _("since this release %(status)s") % {"status": status}
        why = f"{why}; {since}" if why else since
    return Standing(True, counts, why, candidate=True)


@lru_cache(maxsize=1024)
def _counted(candidates: int, language: str | None) -> Standing:
    """What most scores of an eval are: one object for all of them."""
    why = _("chosen among %(count)s candidates") % {"count": candidates} if candidates > 1 else ""
    return Standing(True, True, why, candidate=True)


def _too_late(score: Told, release: Release) -> str:
    """Why the release could not know the score as accepted; empty where it could."""
    if release.reconstructed and score.observed_on > release.vintage_on:
        return _("observed after this release's date")
    if score.late and not release.reconstructed:
        return _("imported after this release")
    return "" if score.status_then == ACCEPTED else _("accepted after this release")


def _status(score: Told) -> str:
    """What became of a score that is not accepted, with the reason; empty where it is."""
    if score.status == ACCEPTED:
        return ""
    status, reason = Decision.Status(score.status or Decision.Status.HELD), score.status_reason
    return f"{status.label}: {reason}" if reason else str(status.label)
