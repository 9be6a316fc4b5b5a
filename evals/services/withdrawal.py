"""Taking an import back: its scores stop to count and nothing is deleted, so it can come again."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from evals.models import Decision, ImportRun
from evals.services.superseding import supersede_by_run
from evals.signals import scores_changed


class NotPossible(Exception):
    """The state of things does not allow it; the text says why."""


_NEWEST = (
    "SELECT DISTINCT ON (d.score_id) d.score_id, d.status, d.in_favour_of_id"
    " FROM evals_decision d JOIN evals_score s ON s.id = d.score_id"
    " WHERE {which} ORDER BY d.score_id, d.id DESC"
)
_CHANGE = (  # The parts are constants; values are passed beside the statement.
    "INSERT INTO evals_decision (score_id, at, status, reason, by_id)"  # noqa: S608
    f" SELECT score_id, %(at)s, %(to)s, %(reason)s, %(by)s FROM ({_NEWEST}) AS newest"
    " WHERE status = %(was)s ORDER BY score_id"
)
_OF_THE_RUN = "s.import_run_id = %(run)s"
# What the run's scores had superseded, for as long as nothing else has happened to it.
_BEHIND_THE_RUN = (
    "s.id IN (SELECT b.score_id FROM evals_decision b JOIN evals_score f ON f.id ="
    " b.in_favour_of_id WHERE f.import_run_id = %(run)s)"
)
_BY_THE_RUN = " AND in_favour_of_id IN (SELECT id FROM evals_score WHERE import_run_id = %(run)s)"


@transaction.atomic
def withdraw_run(run: ImportRun, *, reason: str, by: User | None) -> int:
    """Withdraw every score of a finished run that counts; how many. Asks for a release.

    What those scores had superseded counts again, and held rows of the run stay held. NotPossible
    where the run is not done or is withdrawn already.
    """
    run = _locked(run, withdrawn=False)
    given: dict[str, Any] = {
        "run": run.pk,
        "reason": reason,
        "by": by,
        "was": Decision.Status.ACCEPTED,
    }
    changed = _change(_CHANGE, _OF_THE_RUN, **given, to=Decision.Status.WITHDRAWN)
    given |= {"was": Decision.Status.SUPERSEDED, "to": Decision.Status.ACCEPTED}
    given["reason"] = _("import %(run)s, which superseded it, was withdrawn") % {"run": run.pk}
    _change(_CHANGE.replace(" ORDER BY score_id", _BY_THE_RUN), _BEHIND_THE_RUN, **given)
    ImportRun.objects.filter(pk=run.pk).update(withdrawn_at=timezone.now())
    if changed:
        scores_changed.send(sender=ImportRun, cause=f"import {run.pk} withdrawn: {reason}")
    return changed


@transaction.atomic
def reinstate_run(run: ImportRun, *, reason: str, by: User | None) -> int:
    """Let the withdrawn scores of a run count again; how many. Asks for a release."""
    run = _locked(run, withdrawn=True)
    changed = _change(
        _CHANGE,
        _OF_THE_RUN,
        run=run.pk,
        reason=reason,
        by=by,
        was=Decision.Status.WITHDRAWN,
        to=Decision.Status.ACCEPTED,
    )
    supersede_by_run(run, at=timezone.now())
    ImportRun.objects.filter(pk=run.pk).update(withdrawn_at=None)
    if changed:
        scores_changed.send(sender=ImportRun, cause=f"import {run.pk} reinstated: {reason}")
    return changed


def _locked(run: ImportRun, *, withdrawn: bool) -> ImportRun:
    """The run as it is now, held until the end of the transaction."""
    found = ImportRun.objects.select_for_update().get(pk=run.pk)
    if found.state != ImportRun.State.DONE:
        raise NotPossible(_("Only a finished import can be withdrawn."))
    if (found.withdrawn_at is not None) != withdrawn:
        raise NotPossible(
            _("The import is not withdrawn.") if withdrawn else _("The import is withdrawn.")
        )
    return found


def _change(statement: str, which: str, *, by: User | None, **given: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            statement.format(which=which),
            {**given, "by": by.pk if by is not None else None, "at": timezone.now()},
        )
        return int(cursor.rowcount)
