"""Checking all that was published: seals, the engine's own numbers, tables, stored scores."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from baskets.engine.reading import parsed
from baskets.engine.verify import DIFFERS, OPEN, TOLERANCE, Check
from baskets.models import Analysis, BasketVersion, Release
from baskets.pieces import BrokenPiece
from baskets.rebuild import Rebuilt, Sealed, rebuild
from baskets.selectors import recorded, releases
from baskets.selectors.accepted import accepted_differences
from baskets.selectors.problem_rows import basket_id
from baskets.selectors.recorded_sheets import made_before_sheets, sheet_differences
from baskets.selectors.seals import seal_differences
from evals.selectors import odd_hashes

# The first differences name the place; a thousand more would only hide them.
MOST_LISTED = 10


@dataclass(frozen=True)
class Outcome:
    """What became of one release, or of the stored scores (`release` None).

    to_tolerance: what agrees, but not byte for byte. not_rebuilt: what could not be checked.
    """

    name: str
    release: int | None
    differences: tuple[str, ...]
    to_tolerance: tuple[str, ...] = ()
    not_rebuilt: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Whether nothing differs."""
        return not self.differences


def releases_to_verify(basket: str, numbers: Sequence[int]) -> list[int]:
    """The ids of the releases asked for, all where nothing is; oldest first in each basket."""
    found = Release.objects.order_by("basket", "number")
    if basket:
        found = found.filter(basket__slug=basket)
    if numbers:
        found = found.filter(number__in=numbers)
    return list(found.values_list("pk", flat=True))


def verify_scores() -> Outcome:
    """Every stored score against the hash of its content.

    One that an earlier version stored has that version's hash, which says nothing of its interval.
    """
    found: list[str] = []
    altered = earlier = 0
    for odd in odd_hashes():
        earlier += odd.earlier
        altered += not odd.earlier
        if not odd.earlier and len(found) < MOST_LISTED:
            score = odd.score
            found.append(
                _("score %(id)s (%(system)s, %(eval)s): its content is not that of its hash")
                % {"id": score.pk, "system": score.system.slug, "eval": score.eval.slug}
            )
    said = _("low and high of %(n)s scores, whose hashes were made before these were part of them")
    return Outcome(
        _("stored scores"),
        None,
        _listed(found, more=altered - len(found)),
        not_rebuilt=(said % {"n": earlier},) if earlier else (),
    )


def verify_numbering(basket: str) -> Outcome:
    """Releases follow each other without a gap, in the order of what was known."""
    rows = Release.objects.order_by("basket", "number")
    if basket:
        rows = rows.filter(basket__slug=basket)
    found: list[str] = []
    last: dict[str, tuple[int, dt.date]] = {}
    for slug, number, vintage in rows.values_list("basket__slug", "number", "vintage_on"):
        before = last.get(slug)
        if number != (before[0] if before else 0) + 1:
            found.append(
                _("%(basket)s: there is no release before release %(number)s")
                % {"basket": slug, "number": number}
            )
        if before and vintage < before[1]:
            found.append(
                _("%(basket)s release %(number)s: vintage_on is earlier than the release before")
                % {"basket": slug, "number": number}
            )
        last[slug] = (number, vintage)
    return Outcome(_("numbering"), None, _listed(found))


def verify_releases(
    ids: Sequence[int], *, quick: bool = False, processes: int | None = None
) -> Iterator[Outcome]:
    """Check releases one after the other; at most a few bundles are held at a time.

    The engine's part runs in `processes` of its own, by default one a core; 0 or a single release
    runs it here. `quick` leaves out the fit, all draws, and why values moved.
    """
    processes = (os.cpu_count() or 1) if processes is None else processes
    with ExitStack() as stack:
        pool = None
        if processes and len(ids) > 1:
            # Spawned, not forked: a child must not share this process's database connection.
            context = multiprocessing.get_context("spawn")
            pool = stack.enter_context(ProcessPoolExecutor(processes, mp_context=context))
        waiting: deque[tuple[Release, bytes, Future[Rebuilt] | Rebuilt]] = deque()
        for pk in ids:
            release = Release.objects.select_related("basket").get(pk=pk)
            waiting.append((release, *_begun(release, pool, quick)))
            if len(waiting) > (2 * processes if pool else 0):
                yield _outcome(*waiting.popleft())
        while waiting:
            yield _outcome(*waiting.popleft())


def _begun(
    release: Release, pool: ProcessPoolExecutor | None, quick: bool
) -> tuple[bytes, Future[Rebuilt] | Rebuilt]:
    """A release's text, and the engine's part of its check or the promise of it."""
    try:
        text = releases.text_of(release, checked=True)
    except (zlib.error, BrokenPiece) as error:
        return b"", Rebuilt((_broken(str(error)),))
    if pool is None:
        return text, rebuild(_sealed(release, text, quick), quick=quick)
    return text, pool.submit(rebuild, _sealed(release, text, quick), quick=quick)


def _sealed(release: Release, text: bytes, quick: bool) -> Sealed:
    versions = BasketVersion.objects.filter(basket=release.basket).select_related("basket")
    before = None if quick else releases.previous(release)
    return Sealed(
        raw=text,
        sha256=release.sha256,
        vintage_on=release.vintage_on,
        reconstructed=release.reconstructed,
        versions={basket_id(version): version.number for version in versions},
        before=_unpacked(before) if before else None,
    )


def _unpacked(release: Release) -> bytes:
    """A bundle's text, empty where it cannot be unpacked: its own check says so."""
    try:
        return releases.bundle_text(release)
    except (zlib.error, BrokenPiece):
        return b""


def _outcome(release: Release, text: bytes, begun: Future[Rebuilt] | Rebuilt) -> Outcome:
    rebuilt = begun.result() if isinstance(begun, Future) else begun
    found = [f"{c.name}: {c.detail}" for c in rebuilt.checks if c.outcome == DIFFERS]
    try:
        found += seal_differences(release)
        if rebuilt.summary is not None:
            found += _table_differences(release, text, rebuilt, rebuilt.summary)
    except Exception as error:
        # A row may hold what no code here expects; the other releases are still to be checked.
        found.append(_("the tables cannot be compared: %(why)s") % {"why": repr(error)})
    return Outcome(
        name=_("%(basket)s release %(number)s")
        % {"basket": release.basket.slug, "number": release.number},
        release=release.number,
        differences=_listed(found),
        to_tolerance=_ended(rebuilt, TOLERANCE),
        not_rebuilt=(*_ended(rebuilt, OPEN), *_unsealed(release)),
    )


def _unsealed(release: Release) -> tuple[str, ...]:
    """What cannot be checked of a release that was made before seals, or before sheets."""
    found = []
    if not release.seal:
        found.append(_("seal: made before seals; its dates, cause and counted scores have none"))
    if made_before_sheets(release):
        found.append(_("sheets: made before sheets; its systems have none"))
    return tuple(found)


def _broken(why: str) -> Check:
    return Check("bundle", DIFFERS, _("it cannot be unpacked: %(why)s") % {"why": why})


def _ended(rebuilt: Rebuilt, outcome: str) -> tuple[str, ...]:
    return tuple(f"{c.name}: {c.detail}" for c in rebuilt.checks if c.outcome == outcome)


def _table_differences(
    release: Release, text: bytes, rebuilt: Rebuilt, summary: dict[str, Any]
) -> list[str]:
    """Where the tables differ from a bundle that could be read."""
    bundle = parsed(text)
    answer = bundle["answer"]
    assert isinstance(answer, dict)
    moves: Iterable[str] = ()
    if rebuilt.revisions is not None:
        moves = recorded.revision_differences(release, rebuilt.revisions)
    analyses, sheets = rebuilt.analyses, rebuilt.sheets
    if made_before_sheets(release):
        analyses = {kind: row for kind, row in analyses.items() if kind != Analysis.Kind.FRAME}
        sheets = {}
    try:
        return [
            *recorded.release_differences(release, answer),
            *recorded.point_differences(release, answer),
            *recorded.link_differences(release, answer),
            *recorded.summary_differences(release, summary, drawn=rebuilt.drawn),
            *recorded.analysis_differences(release, analyses, drawn=rebuilt.drawn),
            *sheet_differences(release, sheets, answer, drawn=rebuilt.drawn),
            *moves,
            # A score that is not what it was would be told of twice, as missing and as left.
            *(list(recorded.score_differences(bundle)) or accepted_differences(release, bundle)),
        ]
    except KeyError as missing:
        return [_("the bundle's rows lack %(name)s") % {"name": missing}]


def _listed(found: Iterable[str], *, more: int = 0) -> tuple[str, ...]:
    every = list(found)
    more += len(every[MOST_LISTED:])
    rest = [_("and %(n)s more") % {"n": more}] if more else []
    return (*every[:MOST_LISTED], *rest)
