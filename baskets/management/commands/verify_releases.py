"""`manage.py verify_releases [N …]`: is everything that was published still what it was?"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from baskets.services import verification
from baskets.services.verification import Outcome


class Command(BaseCommand):
    """Exit status 1 where anything differs; each difference names its release and its place."""

    help = (
        "Rebuild every release from its sealed bundle and compare its seal, every table and the "
        "stored scores with it; seals form a chain from release to release. Not found: a changed "
        "note or line of a score, the reason of a decision or an earlier date of one or of a "
        "score's recording, a decision of the last hour before a release alone in its moment, and "
        "whatever whoever holds the database seals anew from some release on to the newest, or "
        "takes away from the end. Keep the newest seal in another place and compare it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("numbers", nargs="*", type=int, metavar="N", help="default: every one")
        parser.add_argument("--basket", default="", help="slug; default every basket")
        parser.add_argument("--json", action="store_true", help="one JSON object a line")
        parser.add_argument(
            "--quick", action="store_true", help="without the fit, all draws, and why values moved"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        ids = verification.releases_to_verify(options["basket"], options["numbers"])
        if not ids:
            raise CommandError(_("There is no such release."))
        self.quick = options["quick"]
        self.as_json, self.on_terminal = options["json"], self.stderr.isatty()
        outcomes = [verification.verify_scores(), verification.verify_numbering(options["basket"])]
        for outcome in outcomes:
            self._tell(outcome)
        self._progress(0, len(ids))
        for outcome in verification.verify_releases(ids, quick=options["quick"]):
            self._tell(outcome)
            outcomes.append(outcome)
            self._progress(len(outcomes) - 2, len(ids))
        self._sum_up(outcomes, quick=options["quick"])

    def _progress(self, done: int, every: int) -> None:
        if not self.on_terminal:
            return
        text = _("%(done)s of %(every)s releases checked") % {"done": done, "every": every}
        self.stderr.write(f"\r{text}" if done < every else f"\r{' ' * len(text)}\r", ending="")
        self.stderr.flush()

    def _tell(self, outcome: Outcome) -> None:
        if self.on_terminal:
            self.stderr.write("\r", ending="")
        if self.as_json:
            self.stdout.write(json.dumps(asdict(outcome) | {"good": outcome.good}))
            return
        if outcome.differences:
            self.stdout.write(f"{outcome.name}: {_('DIFFERS')}")
        elif outcome.release is None:
            self.stdout.write(f"{outcome.name}: {_('as recorded')}")
        elif outcome.to_tolerance or outcome.not_rebuilt:
            self.stdout.write(f"{outcome.name}: {_('agrees, with reservations')}")
        elif self.quick:
            self.stdout.write(f"{outcome.name}: {_('agrees, as far as checked')}")
        else:
            self.stdout.write(f"{outcome.name}: {_('agrees byte for byte')}")
        for line in outcome.differences:
            self.stdout.write(f"  {line}")
        for line in outcome.to_tolerance:
            self.stdout.write("  " + _("to a tolerance only: %(what)s") % {"what": line})
        for line in outcome.not_rebuilt:
            self.stdout.write("  " + _("could not be checked: %(what)s") % {"what": line})

    def _sum_up(self, outcomes: list[Outcome], *, quick: bool) -> None:
        releases = [outcome for outcome in outcomes if outcome.release is not None]
        bad = [outcome.name for outcome in outcomes if not outcome.good]
        if bad:
            raise CommandError(_("Not as published: %(names)s.") % {"names": ", ".join(bad)})
        if self.as_json:
            return
        text = ngettext(
            "%(n)s release is as published.", "%(n)s releases are as published.", len(releases)
        )
        self.stdout.write(text % {"n": len(releases)})
        if any(outcome.to_tolerance for outcome in releases):
            self.stdout.write(
                _(
                    "Releases made with other versions of Python, NumPy or SciPy could only be "
                    "checked to a tolerance: fills to one millionth of a point, intervals within "
                    "Monte Carlo error. Install those versions to check them byte for byte."
                )
            )
        if any(outcome.not_rebuilt for outcome in releases):
            self.stdout.write(
                _(
                    "Releases made by another version of the engine could not be rebuilt in every "
                    "part. Their seals, tables and scores agree; check the rest with that engine."
                )
            )
        if quick:
            self.stdout.write(
                _(
                    "Fills, intervals, sensitivity, and why values moved were not checked: run it "
                    "without --quick."
                )
            )
