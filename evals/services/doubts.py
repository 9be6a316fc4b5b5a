"""Why a score that may be stored is not counted before a person has looked at it."""

from __future__ import annotations

from django.db.models import Count, Min, OuterRef, Subquery

from evals import expectations
from evals.models import Decision, Eval, Score
from evals.records import ScoreRecord
from evals.services.units import foreign_unit

# A proportion that was meant as a percentage is at most 1; what is a little more may be rounded.
LARGEST_SHARE = 1.5
# So many stored scores, all above it, say that the eval's scores are not so small.
ENOUGH_SCORES = 3
# Beyond this many standard deviations a broken pipeline is likelier than a breakthrough.
MOST_Z = 5.0


class Doubts:
    """The doubts of one import, which knows the stored scores and one release's expectations."""

    def __init__(self) -> None:
        self._judge = expectations.judge()
        self._never_so_small: dict[str, str] = {}

    def about(self, record: ScoreRecord, system: str, item: Eval) -> str:
        """Why to hold a record that is in the eval's unit, with the numbers; empty for no doubt."""
        if record.unit and (why := foreign_unit(record, item)):
            return why
        if record.higher_is_better is not None and (why := _other_direction(record, item)):
            return why
        if not record.unit and 0 < record.value <= LARGEST_SHARE and (why := self._share(item)):
            return f"unit: the value {record.value:g} has none, and {why}"
        surprise = self._judge(system, item.slug, record.value)
        if surprise is not None and abs(surprise.z) > MOST_Z:
            return (
                f"expectation: {record.value:g} is {surprise.points:.1f} points where "
                f"{surprise.said_by} expects {surprise.expected:.1f} ± {surprise.sd:.1f}, "
                f"a residual of {surprise.points - surprise.expected:+.1f} points or "
                f"{surprise.z:+.1f} standard deviations; the limit is {MOST_Z:g}"
            )
        return ""

    def _share(self, item: Eval) -> str:
        """What an eval's counted scores say against a proportion; asked once an eval."""
        if item.lower != 0 or item.upper != 100:
            return ""
        if item.slug not in self._never_so_small:
            self._never_so_small[item.slug] = _never_so_small(item)
        return self._never_so_small[item.slug]


def _other_direction(record: ScoreRecord, item: Eval) -> str:
    higher = item.direction == Eval.Direction.HIGHER
    if record.higher_is_better == higher:
        return ""
    said = "higher" if record.higher_is_better else "lower"
    return f"direction: the source says that {said} is better, {item.slug} is the other way round"


def _never_so_small(item: Eval) -> str:
    newest = Decision.objects.filter(score=OuterRef("pk")).order_by("-id").values("status")[:1]
    counted = (
        Score.objects.filter(eval__slug=item.slug)
        .annotate(status=Subquery(newest))
        .filter(status=Decision.Status.ACCEPTED)
        .order_by()
    )
    # The quick question first: most evals have some small score.
    if counted.filter(value__lte=LARGEST_SHARE).exists():
        return ""
    found = counted.aggregate(count=Count("id"), least=Min("value"))
    if found["count"] < ENOUGH_SCORES:
        return ""
    return (
        f"the {found['count']} scores of {item.slug} that are counted lie at "
        f"{found['least']:g} and above, of 100"
    )
