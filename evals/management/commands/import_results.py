"""`manage.py import_results PATH…`: import files or folders here and now, and say the result."""

from __future__ import annotations

import datetime as dt
import glob
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from evals.models import ImportRun
from evals.records import UnreadableFile
from evals.selectors import runs
from evals.services import imports, leases
from evals.services.files import RESERVED, mapping_error
from evals.services.folders import Found, found_below

COUNTS = ("read", "accepted", "duplicate", "held", "rejected")
# How readers say that a result has no date of its own.
UNDATED = ("give the date", "observed_on is empty", "retrieved_timestamp is stated")
UNNAMED = "the file names no model"
STANDARD_INPUT = Path("-")
SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,49}")


class _DryRun(Exception):
    """Undoes everything at the end of a dry run."""


class Command(BaseCommand):
    """Prints `read=… accepted=… duplicate=… held=… rejected=…` as its last line.

    Exit status 1 where a file could not be read or any row was held or rejected.
    """

    help = (
        "Import eval results from files, folders, zip archives, patterns such as 'logs/*.eval', or "
        "- for standard input. Folders are searched; each file that no reader knows is named."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="+", metavar="PATH", type=Path)
        parser.add_argument("--format", default="", help="name of the reader; default by content")
        parser.add_argument("--source", default="local", help="slug of the source")
        parser.add_argument("--dated", default="", help="YYYY-MM-DD, for results without a date")
        parser.add_argument("--system", default="", help="for results whose file names no system")
        parser.add_argument("--mapping", type=Path, help="JSON file: what a table's columns mean")
        parser.add_argument("--dry-run", action="store_true", help="count, but store nothing")
        parser.add_argument(
            "--json", action="store_true", help="print counts, runs and reasons as JSON"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not SLUG.fullmatch(options["source"]):
            raise CommandError("--source takes up to 50 small letters, digits and hyphens.")
        if options["source"] == RESERVED:
            raise CommandError(f"The source {RESERVED} is reserved for the shipped catalog.")
        options["told"] = _told(options)
        totals = dict.fromkeys(COUNTS, 0)
        self.ended: list[dict[str, Any]] = []
        ended = [self._attempt(found, options) for found in self._files(options)]
        for run in filter(None, ended):
            for name in COUNTS:
                totals[name] += getattr(run, name)
        line = " ".join(f"{name}={totals[name]}" for name in COUNTS)
        found = {**totals, "runs": self.ended}
        self.stdout.write(json.dumps(found) if options["json"] else line)
        done = all(run is not None and run.state == ImportRun.State.DONE for run in ended)
        if not done or totals["held"] or totals["rejected"]:
            sys.exit(1)

    def _files(self, options: dict[str, Any]) -> Iterator[Found]:
        """Every file to import, in order; one that is not there is left for the reader to miss."""
        for path in options["paths"]:
            yield from _files(path, options["format"])

    def _attempt(self, found: Found, options: dict[str, Any]) -> ImportRun | None:
        path = found.path
        try:
            if found.why:
                raise UnreadableFile(f"{path}: {found.why}.")
            if path != STANDARD_INPUT and not path.exists():
                raise UnreadableFile(f"{path}: there is no such file or folder.")
            return self._import(path, {**options, "format": found.format})
        except UnreadableFile as error:
            self.stderr.write(str(error))
            return None

    def _import(self, path: Path, options: dict[str, Any]) -> ImportRun:
        if not options["dry_run"]:
            return self._imported(path, options)
        run = None
        try:
            with transaction.atomic():
                run = self._imported(path, options)
                raise _DryRun
        except _DryRun:
            assert run is not None
            return run
        finally:
            # The run was rolled back; the copy of its file must not stay behind.
            if run is not None:
                run.file.delete(save=False)

    def _imported(self, path: Path, options: dict[str, Any]) -> ImportRun:
        # Claimed before anybody else can see it.
        with transaction.atomic():
            run = _created(path, options)
            claimed = leases.claim(run.pk, now=run.created_at)
            assert claimed is not None
        try:
            done = imports.work_on(claimed, self._show if sys.stderr.isatty() else None)
        except KeyboardInterrupt:
            imports.cancel(run.pk, reason="ended by the person who began it")
            raise
        if done is None:
            raise CommandError(f"{path}: another worker took the import over.")
        self._tell(done)
        return done

    def _show(self, run: ImportRun) -> None:
        """Progress on a terminal: one line that is written over."""
        self.stderr.write(f"\r{run.name}: {run.records_done:,} rows read", ending="")

    def _tell(self, run: ImportRun) -> None:
        if sys.stderr.isatty():
            self.stderr.write("\r\033[K", ending="")
        reasons = [f"rejected: {row.reason}" for row in runs.all_rows(run, "rejected")]
        reasons += [f"held: {row.reason}" for row in runs.all_rows(run, "held")]
        doubtful = runs.all_rows(run, "doubtful")
        reasons += [f"held: line {row.line}: {runs.told(row)}" for row in doubtful]
        for reason in filter(None, [run.error, *reasons]):
            self.stderr.write(reason)
        undated = [r for r in reasons if any(words in r for words in UNDATED)]
        if undated and "dated" not in run.options:
            self.stderr.write("Where results have no date of their own, --dated gives them one.")
        if any(UNNAMED in r for r in reasons):
            self.stderr.write("Where files name no system, --system gives its name.")
        if run.declared:
            what = "facts of systems, evals and names beside results"
            self.stderr.write(f"{run.name}: states {run.declared} {what}.")
        counts = {name: getattr(run, name) for name in (*COUNTS, "declared")}
        stated = {"import_run": run.pk, "name": run.name, "state": run.state, "error": run.error}
        self.ended.append({**stated, **counts, "reasons": reasons})


def _told(options: dict[str, Any]) -> dict[str, Any]:
    """What the readers are to be told, checked."""
    told: dict[str, Any] = {}
    if options["dated"]:
        try:
            told["dated"] = dt.date.fromisoformat(options["dated"]).isoformat()
        except ValueError as error:
            raise CommandError(f"--dated: {error}.") from error
    if options["system"].strip():
        told["system"] = options["system"].strip()
    if options["mapping"]:
        try:
            told["mapping"] = json.loads(options["mapping"].read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise CommandError(f"--mapping: {error}.") from error
        if why := mapping_error(told["mapping"]):
            raise CommandError(f"--mapping: {why}.")
    return told


def _created(path: Path, options: dict[str, Any]) -> ImportRun:
    facts = {
        "source": options["source"],
        "format_name": options["format"],
        "options": options["told"],
    }
    if path == STANDARD_INPUT:
        return imports.create_run_from_upload(sys.stdin.buffer, name="standard input", **facts)
    return imports.create_run(path=path, **facts)


def _files(path: Path, format_name: str) -> Iterator[Found]:
    """The path itself, what a pattern finds, or everything under a folder."""
    if path.is_dir():
        yield from found_below(path, format_name=format_name)
    elif path == STANDARD_INPUT or path.exists():
        yield Found(path, format_name)
    else:
        for one in sorted(glob.glob(str(path), recursive=True)) or [str(path)]:
            below = Path(one).is_dir()
            yield from _files(Path(one), format_name) if below else [Found(Path(one), format_name)]
