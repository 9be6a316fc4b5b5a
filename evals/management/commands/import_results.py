"""`manage.py import_results PATH…`: import files or folders here and now, and say the result."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from evals.models import ImportRun
from evals.records import UnreadableFile
from evals.services import imports

COUNTS = ("read", "accepted", "duplicate", "held", "rejected")

SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")


class _DryRun(Exception):
    """Undoes everything at the end of a dry run."""


class Command(BaseCommand):
    """Prints `read=… accepted=… duplicate=… held=… rejected=…` as its last line.

    Exit status 1 where a file could not be read or any row was held or rejected.
    """

    help = "Import eval results from files or catalog folders."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH", type=Path)
        parser.add_argument("--format", default="", help="name of the reader; default by content")
        parser.add_argument("--source", default="local", help="slug of the source")
        parser.add_argument("--dry-run", action="store_true", help="count, but store nothing")
        parser.add_argument("--json", action="store_true", help="print the counts as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        if not SLUG.fullmatch(options["source"]):
            raise CommandError("--source takes up to 50 small letters, digits and hyphens.")
        totals = dict.fromkeys(COUNTS, 0)
        failed = False
        for path in options["paths"]:
            try:
                if not path.exists():
                    raise UnreadableFile(f"{path}: there is no such file or folder.")
                run = self._import(path, options)
            except UnreadableFile as error:
                self.stderr.write(str(error))
                failed = True
                continue
            failed = failed or run.state != ImportRun.State.DONE
            for name in COUNTS:
                totals[name] += getattr(run, name)
        line = " ".join(f"{name}={totals[name]}" for name in COUNTS)
        self.stdout.write(json.dumps(totals) if options["json"] else line)
        if failed or totals["held"] or totals["rejected"]:
            sys.exit(1)

    def _import(self, path: Path, options: dict[str, Any]) -> ImportRun:
        run = None
        try:
            with transaction.atomic():
                run = imports.create_run(
                    path=path, source=options["source"], format_name=options["format"]
                )
                if imports.run_import(run.pk) is None:
                    raise CommandError(f"{path}: another worker took the import over.")
                run.refresh_from_db()
                self._tell(run)
                if options["dry_run"]:
                    raise _DryRun
        except BaseException as error:
            # The run was rolled back; the copy of its file must not stay behind.
            if run is not None:
                run.file.delete(save=False)
            if run is None or not isinstance(error, _DryRun):
                raise
        return run

    def _tell(self, run: ImportRun) -> None:
        if run.error:
            self.stderr.write(run.error)
        for rejection in run.rejections.all():
            self.stderr.write(f"rejected: {rejection.reason}")
        for row in run.held_rows.all():
            self.stderr.write(f"held: {row.reason}")
