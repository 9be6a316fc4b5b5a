"""The first rows of a table and a guess at what its columns mean, for a person to correct."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

import msgspec

from evals.readers import _columns
from evals.readers._mapping import DATE_FORMS, DateForm, Mapping
from evals.records import RejectedRow

# Names of columns as people write them, in small letters without spaces and signs.
WORDS: dict[str, tuple[str, ...]] = {
    "system": ("system", "model", "modelname", "modelid", "modelversion", "name"),
    "eval": ("eval", "evaluation", "benchmark", "bench", "task", "test", "dataset", "evalname"),
    "value": ("value", "score", "result", "accuracy", "acc", "performance", "metricvalue"),
    "stderr": ("stderr", "standarderror", "se", "sem"),
    "low": ("low", "lower", "cilow", "cilower", "ci95low"),
    "high": ("high", "upper", "cihigh", "ciupper", "ci95high"),
    "uncertainty": ("uncertainty", "error", "ci"),
    "n_items": ("nitems", "n", "nsamples", "samples", "items", "count"),
    "observed_on": ("observedon", "date", "evaluatedon", "day", "when", "timestamp", "createdat"),
    "reported_by": ("reportedby", "evaluatorrelationship"),
    "source_url": ("sourceurl", "url", "source", "link", "sourcelink"),
    "unit": ("unit", "metricunit"),
    "note": ("note", "notes", "comment", "remarks"),
    "external_id": ("externalid", "uuid"),
    "developer": ("developer", "organization", "organisation", "lab", "vendor"),
    "harness": ("harness", "framework", "evallibrary"),
    "higher_is_better": ("higherisbetter",),
}
ELICITATION = ("elicitation", "shots", "fewshot", "prompt", "effort", "reasoningeffort", "agent")

_COMMA = re.compile(r"-?[0-9]+,[0-9]+\s*%?")
_NUMBER = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?\s*%?")


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """The start of a table: `rows` by column, `rejected` the reasons of lines that are none."""

    kind: str
    delimiter: str
    header: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    rejected: tuple[str, ...]
    suggested: Mapping


def preview(path: Path, rows: int = 20) -> Preview:
    """The first rows of the table at `path`; UnreadableFile where there is none."""
    kind = _columns.kind(path)
    delimiter = _columns.delimiter_of(path) if kind == "text" else ""
    table = _columns.opened(path, delimiter)
    found = list(islice(table.rows, rows))
    cells = tuple(row[1] for row in found if not isinstance(row, RejectedRow))
    named = dict.fromkeys([*table.header, *(name for row in cells for name in row)])
    header = tuple(name for name in named if name)
    return Preview(
        kind=kind,
        delimiter=delimiter,
        header=header,
        rows=cells,
        rejected=tuple(row.reason for row in found if isinstance(row, RejectedRow)),
        suggested=suggested(header, cells, delimiter),
    )


def suggested(
    header: Iterable[str], rows: Iterable[dict[str, str]], delimiter: str = ""
) -> Mapping:
    """The mapping that the names of the columns and the look of their cells suggest."""
    names = {_plain(name): name for name in reversed([name for name in header if name])}
    facts = {
        fact: next((names[word] for word in words if word in names), "")
        for fact, words in WORDS.items()
    }
    rows = list(rows)
    wide = () if facts["eval"] or facts["value"] else _wide(names, facts, rows)
    measured = [row.get(name, "") for row in rows for name in (facts["value"], *wide) if name]
    return Mapping(
        **facts,  # type: ignore[arg-type]
        elicitation=tuple(names[word] for word in ELICITATION if word in names),
        wide=wide,
        delimiter=delimiter,
        decimal_comma=any(_COMMA.fullmatch(cell) for cell in measured),
        dates=_dates([row.get(facts["observed_on"], "") for row in rows]),
    )


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.casefold())


def _wide(
    names: dict[str, str], facts: dict[str, str], rows: list[dict[str, str]]
) -> tuple[str, ...]:
    """The other columns that hold nothing but numbers."""
    taken = {*facts.values(), *(names[word] for word in ELICITATION if word in names)}
    found = []
    for name in reversed(names.values()):
        cells = [row[name] for row in rows if row.get(name)]
        if name not in taken and cells and all(_NUMBER.fullmatch(cell) for cell in cells):
            found.append(name)
    return tuple(found)


def _dates(cells: list[str]) -> DateForm:
    """The first form that every cell has; day before month where a cell decides it."""
    given = [cell for cell in cells if cell]
    forms: tuple[DateForm, ...] = (
        "year-month-day",
        "day.month.year",
        "month/day/year",
        "day/month/year",
    )
    for form in forms:
        found = [DATE_FORMS[form].fullmatch(cell) for cell in given]
        if given and all(match and int(match["m"]) <= 12 for match in found):
            return form
    return "year-month-day"
