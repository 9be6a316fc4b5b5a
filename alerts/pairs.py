"""Two releases as the rules see them, read from what they stored and never from their bundles.

A bundle of a million scores takes seconds to read; points, terms, sheets and analyses are rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.db import connection
from django.db.models import Case, Exists, OuterRef, Q, QuerySet, Subquery, When

from alerts import comparing, rules
from alerts.readings import bests_on, facts_of, reading_of
from alerts.rules.causes import LEAST_REVISED, UNMOVED
from alerts.rules.systems import LEAST, TOP
from baskets.models import IndexPoint, Release, Revision
from baskets.selectors import releases
from baskets.selectors.revised import KINDS
from baskets.selectors.sheets import OwnSheet, Sheets, sheets_of
from evals.models import Decision, Eval, Score

OWN_KINDS = (KINDS.index("new_scores"), KINDS.index("revised_scores"))
LOOK_BACK = 60
"""Releases that are read to find what a state was; a reading that wavers longer began there."""

POINTS = """
SELECT s.slug, r.series, jsonb_path_query_array(r.terms, '$[*].points')::text
FROM baskets_revision r JOIN evals_system s ON s.id = r.system_id WHERE r.release_id = %s
"""


def pair_of(release: Release) -> rules.Pair:
    """A release and the one of the same basket before it."""
    old = releases.previous(release)
    after, before = facts_of(release), None if old is None else facts_of(old)
    terms = _terms(release)
    between = Between(release, old)
    between.load(_asked(after, terms))
    return rules.Pair(
        before=before,
        after=after,
        terms=terms,
        compare=between.compare,
        drift=between.drift,
        drivers=between.drivers,
        parts=between.parts,
        scored=between.scored,
        fresh=between.fresh,
        renewed=between.renewed,
        came=between.came,
        led=between.led,
        earlier=between.earlier,
    )


def _terms(release: Release) -> dict[rules.Key, tuple[rules.Term, ...]]:
    """Why the values moved, in points alone: the evals and scores are read for what is told."""
    with connection.cursor() as cursor:
        cursor.execute(POINTS, [release.pk])
        return {
            (system, series): tuple(
                rules.Term(kind, float(points))
                for kind, points in zip(KINDS, text.strip("[]").split(","), strict=True)
            )
            for system, series, text in cursor.fetchall()
        }


def _asked(after: rules.Facts, terms: Mapping[rules.Key, tuple[rules.Term, ...]]) -> set[str]:
    """The systems that the rules are likely to ask about, to read them all at once."""
    asked = {name for series in rules.MAIN for name in after.ranked(series)[: TOP + 2]}
    asked |= {leader for series in after.official if (leader := after.leader(series))}
    for (system, _series), found in terms.items():
        new, revised = (abs(found[place].points) for place in OWN_KINDS)
        # A fill is asked about together with the scores that it may follow from.
        moved = new + revised > UNMOVED and sum(abs(term.points) for term in found) >= LEAST
        if moved or revised >= LEAST_REVISED:
            asked.add(system)
    return asked


@dataclass
class Between:
    """What takes two releases apart, read as it is asked for and kept."""

    release: Release
    old: Release | None
    _sought: set[str] = field(default_factory=set)
    _new_sheets: dict[str, OwnSheet] = field(default_factory=dict)
    _old_sheets: dict[str, OwnSheet] = field(default_factory=dict)
    _frame: Mapping[str, object] | None = None
    _places: dict[str, tuple[str, str]] = field(default_factory=dict)
    _rows: list[Release] | None = None
    _bests: dict[int, dict[str, rules.Best]] = field(default_factory=dict)

    def load(self, systems: Collection[str]) -> None:
        """Read the sheets of the systems that nobody asked about yet; not all have one."""
        missing = set(systems) - self._sought
        if not missing:
            return
        self._sought |= missing
        found = sheets_of(self.release, missing, frame=self._frame is None)
        self._frame = found.frame if self._frame is None else self._frame
        self._new_sheets.update(found.own)
        if self.old is not None:
            self._old_sheets.update(sheets_of(self.old, missing, frame=False).own)

    def _sheets(self, *systems: str) -> Sheets:
        self.load(systems)
        return Sheets(self._frame or {}, self._new_sheets)

    def compare(self, system: str, against: str, series: str) -> rules.Difference | None:
        """One system less another in the new release, on paired replicates."""
        return comparing.of_pair(self._sheets(system, against).compared(system, against, series))

    def drift(self, system: str, series: str, part: float) -> rules.Difference | None:
        """The part of a move that one cause made, with the noise of both releases."""
        self.load([system])
        new, old = self._new_sheets.get(system), self._old_sheets.get(system)
        if new is None or old is None:
            return None
        if not all(series in s.replicates and series in s.values for s in (new, old)):
            return None
        move = new.values[series] - old.values[series]
        drawn = new.replicates[series], old.replicates[series]
        return comparing.of_releases(*drawn, move=move, part=part)

    def drivers(self, system: str, against: str, series: str) -> tuple[tuple[str, float], ...]:
        """What each eval adds to the difference of two systems; empty where nothing can be said."""
        terms = self._sheets(system, against).terms(system, against, series)
        return _largest_first((name, points) for (_basket, name), points in (terms or {}).items())

    def parts(self, system: str, series: str, kind: str) -> tuple[tuple[str, float], ...]:
        """What each eval adds to one term of a system's move."""
        rows = Revision.objects.filter(release=self.release, system__slug=system, series=series)
        terms = rows.values_list("terms", flat=True).first() or []
        return _largest_first(
            (part["eval"], part["points"])
            for term in terms
            if term["kind"] == kind
            for part in term["evals"]
        )

    def fresh(self, system: str, series: str) -> bool:
        """Whether the system has a counted score under the series that it did not have before."""
        self.load([system])
        new, old = self._new_sheets.get(system), self._old_sheets.get(system)
        if new is None:
            return False
        had = old.cell_of if old else {}
        brought = any(
            name not in had and self._counts(name, new) and self._under(name, series)
            for name in new.cell_of
        )
        # What took another's place may be older than that, which was withdrawn.
        return brought or self.renewed(system, series)

    def renewed(self, system: str, series: str) -> bool:
        """Whether the scores that took another's place were learnt of since, and the others hold.

        A score that was withdrawn or superseded makes what takes its place a revision.
        """
        if self.old is None:
            return False
        changed = self._changed(system, series)
        if not changed or self._lost(system, series):
            return False
        # Of these values alone: a cell may have hundreds of scores.
        asked = Q()
        for name, values in changed.items():
            asked |= Q(eval__slug=name, value__in=values)
        kept = self._accepted(Score.objects.filter(asked, system__slug=system))
        found = kept.annotate(learnt=Case(When(self._learnt(), then=True), default=False))
        since: dict[str, set[bool]] = {}
        for name, value, learnt in found.values_list("eval__slug", "value", "learnt"):
            had, has = changed[name]
            if value == has and learnt:
                since.setdefault(name, set()).add(True)
            if value == had:
                since.setdefault(name, set()).add(False)
        return all(since.get(name) == {True, False} for name in changed)

    def _changed(self, system: str, series: str) -> dict[str, tuple[float, float]]:
        """The counted scores under a series that another took the place of: before and after."""
        self.load([system])
        new, old = self._new_sheets.get(system), self._old_sheets.get(system)
        if new is None or old is None:
            return {}
        had = old.cell_of
        return {
            name: (had[name].value, cell.value)
            for name, cell in new.cell_of.items()
            if name in had and had[name].value != cell.value
            if self._counts(name, new) and self._under(name, series)
        }

    def _lost(self, system: str, series: str) -> bool:
        """Whether a counted score under a series is no more, and none in its place."""
        self.load([system])
        new, old = self._new_sheets.get(system), self._old_sheets.get(system)
        has = new.cell_of if new else {}
        return old is not None and any(
            name not in has and self._counts(name, old) and self._under(name, series)
            for name in old.cell_of
        )

    def scored(self, system: str, name: str) -> bool:
        """Whether the release took a score of the system on an eval, and filled none in."""
        self.load([system])
        sheet = self._new_sheets.get(system)
        return sheet is not None and name in sheet.cell_of

    def _counts(self, name: str, sheet: OwnSheet) -> bool:
        """Whether the basket counts an eval for the system of a sheet."""
        return name in sheet.cells.points

    def _accepted(self, scores: QuerySet[Score]) -> QuerySet[Score]:
        """Those that stand accepted."""
        newest = Decision.objects.filter(score=OuterRef("pk")).order_by("-id").values("status")[:1]
        return scores.annotate(status=Subquery(newest)).filter(status=Decision.Status.ACCEPTED)

    def _learnt(self) -> Q:
        """The scores that the old release could not know."""
        assert self.old is not None
        if self.old.reconstructed:
            return Q(observed_on__gt=self.old.vintage_on)
        return Q(recorded_at__gt=self.old.created_at)

    def _under(self, name: str, series: str) -> bool:
        if not self._places:
            rows = Eval.objects.values_list("slug", "domain__slug", "subdomain")
            self._places = {slug: (domain, f"{domain}/{sub}") for slug, domain, sub in rows}
        domain, subdomain = self._places.get(name, ("", ""))
        return series in (*rules.MAIN[:2], domain, subdomain)

    def came(self, name: str) -> bool | None:
        """Whether a score on an eval was learnt of since; False where some were taken away."""
        if self.old is None:
            return True
        learnt = Score.objects.filter(self._learnt(), eval__slug=name)
        if self._accepted(learnt).exists():
            return True
        # What was held or refused from the start has not been taken away.
        stood = Decision.objects.filter(
            score=OuterRef("score"), status=Decision.Status.ACCEPTED, id__lt=OuterRef("id")
        )
        since = Decision.objects.filter(score__eval__slug=name, at__gt=self.old.created_at)
        lost = since.exclude(status=Decision.Status.ACCEPTED).filter(Exists(stood))
        return False if lost.exists() else None

    def led(self, system: str, against: str, series: str) -> bool:
        """Whether the one had the higher official value in a release before the old one."""
        points = IndexPoint.objects.filter(
            release__in=self._before(),
            series=series,
            official=True,
            system__slug__in=(system, against),
        )
        found: dict[int, dict[str, float]] = {}
        for release, name, value in points.values_list("release", "system__slug", "value"):
            found.setdefault(release, {})[name] = value
        return any(
            len(values) == 2 and values[system] > values[against] for values in found.values()
        )

    def _before(self) -> QuerySet[Release]:
        """The releases before the old one, the newest `LOOK_BACK` of them first."""
        if self.old is None:
            return Release.objects.none()
        found = Release.objects.filter(basket=self.old.basket_id, number__lt=self.old.number)
        return found.defer("bundle").order_by("-number")[:LOOK_BACK]

    def earlier(self, kind: str, key: str) -> Iterator[float]:
        """A gap, a rung by "series/system" or a baseline in those releases, newest first."""
        if self._rows is None:
            self._rows = list(self._before())
        for row in self._rows:
            baseline = kind == rules.Kind.BASELINE
            reading = self._baseline(row, key) if baseline else reading_of(row, kind, key)
            if reading is not None:
                yield float(reading)

    def _baseline(self, row: Release, name: str) -> float | None:
        """1 where people were reached, -1 where not; every eval of a release is read at once."""
        if row.pk not in self._bests:
            self._bests[row.pk] = bests_on(row)
        best = self._bests[row.pk].get(name)
        state = rules.reached(best) if best else None
        return None if state is None else (1.0 if state else -1.0)


def _largest_first(rows: Iterable[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    """Points by eval, added up over versions, the largest first."""
    found: dict[str, float] = {}
    for name, points in rows:
        found[name] = found.get(name, 0.0) + points
    return tuple(sorted(found.items(), key=lambda row: (-abs(row[1]), row[0])))
