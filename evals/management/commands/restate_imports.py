"""`manage.py restate_imports`: once after an upgrade, note what earlier imports stated again."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand

from evals.records import UnreadableFile
from evals.services import recalling


class Command(BaseCommand):
    """Prints a line for each import that was read again. Exit status 1 where one could not be."""

    help = (
        "Read the kept files of imports with duplicate rows again, and note which scores of other "
        "imports they state, so that those count on when the other import is withdrawn. Needed "
        "once, for imports of versions that did not note it; it may be stopped and begun again."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        failed = False
        for run in recalling.unrecalled():
            try:
                new = recalling.recall(run)
            except UnreadableFile as error:
                failed = True
                self.stderr.write(f"import {run.pk}: {error}")
            else:
                self.stdout.write(f"import {run.pk}: states {new} scores of others")
        if failed:
            sys.exit(1)
