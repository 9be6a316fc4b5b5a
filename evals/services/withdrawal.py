"""Taking an import back: its scores stop to count and nothing is deleted, so it can come again."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from evals.models import ImportRun
from evals.services.settling import settle_reinstated, settle_withdrawn
from evals.signals import scores_changed


class NotPossible(Exception):
    """The state of things does not allow it; the text says why."""


@transaction.atomic
def withdraw_run(run: ImportRun, *, reason: str, by: User | None) -> int:
    """Withdraw what a finished run states; how many scores count no longer. Asks for a release.

    A score that another import states counts on, and what only this run's scores had superseded
    counts again. NotPossible where the run is not done or is withdrawn already.
    """
    run = _locked(run, withdrawn=False)
    now = timezone.now()
    ImportRun.objects.filter(pk=run.pk).update(withdrawn_at=now)
    behind = _("import %(run)s, which superseded it, was withdrawn") % {"run": run.pk}
    settled = settle_withdrawn(run, at=now, withdrawn=reason, accepted=behind, by=by)
    if settled.came or settled.went:
        scores_changed.send(sender=ImportRun, cause=f"import {run.pk} withdrawn: {reason}")
    return settled.went


@transaction.atomic
def reinstate_run(run: ImportRun, *, reason: str, by: User | None) -> int:
    """Let a run state its scores again; how many count that did not. Asks for a release."""
    run = _locked(run, withdrawn=True)
    ImportRun.objects.filter(pk=run.pk).update(withdrawn_at=None)
    settled = settle_reinstated(run, at=timezone.now(), accepted=reason, by=by)
    if settled.came or settled.went:
        scores_changed.send(sender=ImportRun, cause=f"import {run.pk} reinstated: {reason}")
    return settled.came


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
