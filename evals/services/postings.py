"""Requests of programs: each kept as one row before it is answered, and merged many at a time.

A request of a few results costs two short rows. A worker then takes as many of them as wait and
merges them in one transaction, in which it holds their rows: if it dies, nothing has happened and
the next one takes them. What cannot be merged in company is imported alone, where attempts count.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from functools import cache
from pathlib import Path
from typing import IO

import msgspec
from django.core.cache import cache as kept
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import ApiToken
from accounts.prepared import rows_of
from evals.models import ImportRun, Posting, Source
from evals.readers import results
from evals.readers._source import LONGEST_LINE
from evals.services.files import create_run

MOST_REASONS = 100
# Seconds: a source keeps its number for good, this only bounds what is remembered.
SOURCE_KEPT = 3600


class BadResults(Exception):
    """Rows that are no results; the request is refused whole. `rows` are (row, reason) from 1."""

    def __init__(self, rows: Sequence[tuple[int, str]], more: int) -> None:
        super().__init__(f"{len(rows) + more} rows are no results")
        self.rows = rows
        self.more = more


class OtherRequest(Exception):
    """The idempotency key was used before, for a request of other content."""


def posted_lines(body: bytes) -> list[bytes]:
    """The lines of newline-delimited JSON; those that hold nothing are empty, and count."""
    return [line.strip() for line in body.removeprefix(results.BOM).splitlines()]


def array_of(body: bytes) -> list[object]:
    """The elements of a JSON array. Raises BadResults where it is none."""
    try:
        return results.array_of(body)
    except results.BrokenArray as error:
        raise BadResults([(error.row, str(error))], 0) from None


def check_lines(file: IO[bytes]) -> None:
    """Raises BadResults where a line of a file is no result; holds one line at a time."""
    bad: list[tuple[int, str]] = []
    found = more = 0
    for number, line in enumerate(iter(lambda: file.readline(LONGEST_LINE + 1), b""), start=1):
        if len(line) > LONGEST_LINE:
            raise BadResults([(number, f"the line is longer than {LONGEST_LINE} bytes")], 0)
        line = line.removeprefix(results.BOM) if number == 1 else line
        if not line.strip():
            continue
        found += 1
        try:
            results.record_of(results.value_of(line), number)
        except ValueError as error:
            more += len(bad) >= MOST_REASONS
            bad = [*bad, (number, str(error))][:MOST_REASONS]
    if bad or not found:
        raise BadResults(bad or [(0, "the body holds no result")], more)


def checked(values: Iterable[object]) -> list[bytes]:
    """The results of a request, each as a line of JSON. Raises BadResults with all bad rows.

    An empty line stays one, so that a row keeps its number.
    """
    lines: list[bytes] = []
    bad: list[tuple[int, str]] = []
    more = 0
    for row, value in enumerate(values, start=1):
        if value == b"":
            lines.append(b"")
            continue
        try:
            results.record_of(results.value_of(value) if isinstance(value, bytes) else value, row)
        except ValueError as error:
            more += len(bad) >= MOST_REASONS
            bad = [*bad, (row, str(error))][:MOST_REASONS]
            continue
        lines.append(value if isinstance(value, bytes) else msgspec.json.encode(value))
    if bad:
        raise BadResults(bad, more)
    if not any(lines):
        raise BadResults([(0, "the body holds no result")], 0)
    return lines


def post_lines(
    lines: Sequence[bytes], *, token: ApiToken, source: str, key: str, sha256: str
) -> int:
    """Keep a request of few results; the id of its run, the same one for the same request again.

    sha256: the hash of the request's body. Raises OtherRequest.
    """
    sha256 = _whole(source, sha256)
    if (known := _posted(token=token, key=key, sha256=sha256)) is not None:
        return known
    body = b"\n".join(lines)
    run = _run(token, source, sum(map(bool, lines)), body)
    try:
        # A block of its own only where the statement may meet another one's key.
        with transaction.atomic() if key else nullcontext():
            return _insert(run, token_id=token.pk, key=key, request_sha256=sha256, body=body)
    except IntegrityError:
        return _met(token, key, sha256)


def _insert(run: ImportRun, **posting: int | str | bytes) -> int:
    """Store a run with its request in one statement; the run's id.

    No signal is sent, so that there is no message for each: a worker takes many at once.
    """
    values = {
        str(field.column): field.get_db_prep_save(field.pre_save(run, True), connection)
        for field in run._meta.local_concrete_fields
        if not field.primary_key
    }
    ((run_id,),) = rows_of(_statement(tuple(values), tuple(posting)), {**values, **posting})
    return int(run_id)


@cache
def _statement(columns: tuple[str, ...], posting: tuple[str, ...]) -> str:
    """The statement that stores values by the names of their columns in the two tables."""
    return (
        f"WITH run AS (INSERT INTO evals_importrun ({', '.join(columns)})"  # noqa: S608
        f" VALUES ({', '.join(f'%({name})s' for name in columns)}) RETURNING id)"
        f" INSERT INTO evals_posting (import_run_id, {', '.join(posting)})"
        f" SELECT id, {', '.join(f'%({name})s' for name in posting)} FROM run"
        " RETURNING import_run_id"
    )


def post_file(path: Path, *, token: ApiToken, source: str, key: str, sha256: str) -> int:
    """The same for a request of many results, whose file is imported like any other."""
    sha256 = _whole(source, sha256)
    if (known := _posted(token=token, key=key, sha256=sha256)) is not None:
        return known
    run = None
    try:
        with transaction.atomic():
            run = create_run(
                path=path,
                source=source,
                format_name=results.NAME,
                requested_by=token.owner,
                name=f"API, {token.name}",
            )
            Posting.objects.create(import_run=run, token=token, key=key, request_sha256=sha256)
    except BaseException as error:
        if run is not None:
            run.file.delete(save=False)
        if isinstance(error, IntegrityError):
            return _met(token, key, sha256)
        raise
    return run.pk


def _whole(source: str, sha256: str) -> str:
    """The hash of a request: the same results for another source are another one."""
    return hashlib.sha256(f"{source}\n{sha256}".encode()).hexdigest()


def _posted(*, token: ApiToken, key: str, sha256: str) -> int | None:
    """The run of the request that the token sent with this key before. Raises OtherRequest."""
    if not key:
        return None
    found = Posting.objects.filter(token=token, key=key).values_list(
        "import_run_id", "request_sha256"
    )
    for run_id, known in found:
        if known != sha256:
            raise OtherRequest
        return int(run_id)
    return None


def _met(token: ApiToken, key: str, sha256: str) -> int:
    """The run of the same request that came at the same moment."""
    found = _posted(token=token, key=key, sha256=sha256)
    if found is None:
        raise RuntimeError("a request could not be kept, and no other has its key")
    return found


def _run(token: ApiToken, source: str, count: int, body: bytes) -> ImportRun:
    return ImportRun(
        source_id=source_id(source),
        format=results.NAME,
        reader_version=f"{results.NAME} {results.VERSION}",
        name=f"API, {token.name}, {count} results"[:300],
        size=len(body),
        content_sha256=hashlib.sha256(body).hexdigest(),
        requested_by_id=token.owner_id,
        created_at=timezone.now(),
    )


def source_id(slug: str) -> int:
    """The number of a source, which is made where it is new."""
    known = f"source:{slug}"
    found: int | None = kept.get(known)
    if found is None:
        row, _created = Source.objects.get_or_create(slug=slug, defaults={"name": slug})
        found = row.pk
        kept.set(known, found, SOURCE_KEPT)
    return found
