"""How versions came to be: what each changes, who took which step, and what is proposed now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db.models import Prefetch

from baskets.models import Basket, BasketVersion, Departure, Transition, Weight
from baskets.selectors.baskets import WeightRow, weight_rows
from baskets.selectors.content import content_sha256
from baskets.selectors.known import EVERYTHING, Known

State = BasketVersion.State
# Shares are quotients: what is closer than this is the same share.
SAME = 1e-9
MOST_CHANGES = 8
IN_REVIEW = BasketVersion.in_review()


@dataclass(frozen=True)
class VersionHistory:
    """A version with its steps, oldest first; `rows` is empty where its content is not public.

    `state` is that of the date which is asked for; `superseded` says that a later version has taken
    effect by then. `lost` names the systems that lose the official status, as (system, series).
    """

    version: BasketVersion
    state: BasketVersion.State
    superseded: bool
    steps: tuple[Transition, ...]
    rows: tuple[WeightRow, ...]
    lost: tuple[tuple[str, str], ...] = ()

    @property
    def proposed(self) -> Transition | None:
        """The last proposal."""
        return next((s for s in reversed(self.steps) if s.to_state == State.PROPOSED), None)

    @property
    def approved(self) -> Transition | None:
        """The last approval by a person, None before it and after it was taken back."""
        if self.state not in (State.APPROVED, State.SCHEDULED, State.PUBLISHED):
            return None
        approvals = (s for s in reversed(self.steps) if s.to_state == State.APPROVED and s.by_id)
        return next(approvals, None)

    @property
    def inside(self) -> tuple[WeightRow, ...]:
        """The rows of the version's own weights, largest first."""
        return tuple(sorted((r for r in self.rows if r.weight), key=lambda r: -(r.share or 0)))

    @property
    def before(self) -> bool | None:
        """True where there is a version before, None where everything is new."""
        return True if any(row.before is not None for row in self.rows) else None

    @property
    def changed(self) -> tuple[WeightRow, ...]:
        """The rows whose share of the headline changes most, largest change first; at most some.

        Every share moves where one weight does, because together they are 1.
        """
        moved = [row for row in self.rows if _moved(row) > SAME]
        return tuple(sorted(moved, key=lambda row: (-_moved(row), row.eval.slug))[:MOST_CHANGES])


def _moved(row: WeightRow) -> float:
    return abs((row.share or 0) - (row.before or 0))


def version_changes(version: BasketVersion) -> list[WeightRow]:
    """The version's evals and those that left, with the shares of the one that it follows."""
    found = {v.pk: v for v in _with_parts([version.basket_id])}
    before = _before(version, found.values())
    return weight_rows(found[version.pk], before)


def histories(basket: Basket, known: Known) -> list[VersionHistory]:
    """Every version that was known to be published or proposed, newest first."""
    versions = _with_parts([basket.pk])
    steps = _steps(versions, known)
    found = []
    for version in versions:
        published = version.published and known.has_version(version.number)
        if published or (steps[version.pk] and settings.PROPOSALS_PUBLIC):
            found.append(_history(version, versions, steps[version.pk], published, known.on))
    return found[::-1]


def proposals(basket: Basket) -> list[VersionHistory]:
    """What is proposed, approved or scheduled now; none where proposals are not public."""
    if not settings.PROPOSALS_PUBLIC:
        return []
    if not basket.versions.filter(step__in=IN_REVIEW, published_at__isnull=True).exists():
        return []
    versions = _with_parts([basket.pk])
    open_ones = [v for v in versions if v.state in IN_REVIEW]
    steps = _steps(open_ones, EVERYTHING)
    return [_history(v, versions, steps[v.pk], False, None) for v in open_ones]


def _history(
    version: BasketVersion,
    versions: Sequence[BasketVersion],
    steps: Sequence[Transition],
    published: bool,
    on: dt.date | None,
) -> VersionHistory:
    state = State.PUBLISHED if published else State(steps[-1].to_state)
    proposal = next((s for s in reversed(steps) if s.to_state == State.PROPOSED), None)
    told = published or (proposal and proposal.content_sha256 == content_sha256(version))
    day = on or dt.datetime.now(dt.UTC).date()
    later = [v for v in versions if v.published and v.number > version.number]
    return VersionHistory(
        version=version,
        state=state,
        superseded=published and any(v.effective_on <= day for v in later),
        steps=tuple(steps),
        rows=tuple(weight_rows(version, _before(version, versions))) if told else (),
        lost=tuple((system, series) for system, series in proposal.lost_status) if proposal else (),
    )


def _before(version: BasketVersion, versions: Iterable[BasketVersion]) -> BasketVersion | None:
    """The published version that a version follows, or would follow."""
    earlier = [v for v in versions if v.published and v.number < version.number]
    return max(earlier, key=lambda v: v.number, default=None)


def _with_parts(baskets: Sequence[int]) -> list[BasketVersion]:
    weights = Weight.objects.select_related("eval__domain")
    departures = Departure.objects.select_related("eval__domain")
    found = BasketVersion.objects.filter(basket__in=baskets).order_by("number")
    return list(
        found.prefetch_related(
            Prefetch("weights", queryset=weights), Prefetch("departures", queryset=departures)
        )
    )


def _steps(versions: Sequence[BasketVersion], known: Known) -> dict[int, list[Transition]]:
    """Each version's steps as far as they were known, oldest first."""
    rows = Transition.objects.filter(known.steps(), version__in=versions)
    found: dict[int, list[Transition]] = {version.pk: [] for version in versions}
    for row in rows.select_related("by").order_by("id"):
        found[row.version_id].append(row)
    return found
