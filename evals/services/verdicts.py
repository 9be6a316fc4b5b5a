"""What a person says about a score that is held in doubt: it counts, or it does not."""

from __future__ import annotations

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from evals.models import Decision, ImportRun, Score
from evals.services.settling import settle_scores
from evals.services.withdrawal import NotPossible
from evals.signals import scores_changed


@transaction.atomic
def accept_score(score: Score, *, reason: str, by: User | None) -> Decision:
    """Let a held score count; it takes the place of what it corrects. Asks for a release.

    NotPossible where it is not held, or its import is withdrawn.
    """
    _check_held(score)
    if not _stated(score):
        raise NotPossible(_("The import of this score is withdrawn."))
    decision = _decide(score, Decision.Status.ACCEPTED, reason, by)
    settle_scores([score.pk], at=decision.at)
    scores_changed.send(sender=Score, cause=f"a held score of {score.system} accepted: {reason}")
    return decision


@transaction.atomic
def reject_score(score: Score, *, reason: str, by: User | None) -> Decision:
    """Leave a held score out for good; it stays on record. NotPossible where it is not held."""
    _check_held(score)
    return _decide(score, Decision.Status.REJECTED, reason, by)


def _stated(score: Score) -> bool:
    """Whether an import states it that is not withdrawn."""
    stating = Q(scores=score) | Q(restatements__score=score)
    return ImportRun.objects.filter(stating, withdrawn_at=None).exists()


def _check_held(score: Score) -> None:
    # Two people may look at the same score: the second one finds it decided.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('score ' || %s, 0))", [score.pk]
        )
    newest = Decision.objects.filter(score=score).order_by("-id").first()
    if newest is None or newest.status != Decision.Status.HELD:
        raise NotPossible(_("This score is not held."))


def _decide(score: Score, status: Decision.Status, reason: str, by: User | None) -> Decision:
    return Decision.objects.create(
        score=score, at=timezone.now(), status=status, reason=reason, by=by
    )
