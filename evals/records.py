"""What every reader emits: frozen, no Django, nothing interpreted.

A reader reports; it does not decide. Text stays as the source has it where the source is free in
its form (`uncertainty`, `n_items_text`), beside what could be read from it.
"""

from __future__ import annotations

import datetime as dt

import msgspec


# Named arguments cost a microsecond more, so who makes records by the million gives them by place.
# They hold no containers: the garbage collector need not look at them.
class ScoreRecord(msgspec.Struct, frozen=True, gc=False):
    """One result: `value`, `stderr`, `low` and `high` in the eval's own unit.

    `system` and `eval` are the names the source uses; `line` is the source's line, from 1.
    `stderr` is a standard error; `low` and `high` bound a 95% interval. `reported_by` is empty
    where the source does not say who reports. `unit` is the source's own word for the unit
    ("proportion", "percent", "minutes", "elo"), `higher_is_better` its direction, `harness` the
    tool that measured, `developer` the maker of the system; each is empty, or None, where the
    source does not say.
    """

    line: int
    system: str
    eval: str
    value: float
    observed_on: dt.date
    reported_by: str
    stderr: float | None = None
    low: float | None = None
    high: float | None = None
    uncertainty: str = ""
    n_items: int | None = None
    n_items_text: str = ""
    elicitation: str = ""
    source_url: str = ""
    note: str = ""
    external_id: str = ""
    unit: str = ""
    higher_is_better: bool | None = None
    harness: str = ""
    developer: str = ""


class NameRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What a source knows of a name it uses: too little to declare a system, enough to match one.

    `family` is the source's word for the model that `name` is a version of.
    """

    line: int
    name: str
    aliases: tuple[str, ...] = ()
    developer: str = ""
    family: str = ""
    released_on: dt.date | None = None
    source_url: str = ""
    note: str = ""


class SystemRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A system that the source declares with its facts."""

    line: int
    slug: str
    name: str
    developer: str
    generation: str
    released_on: dt.date
    aliases: tuple[str, ...] = ()


class EvalRecord(msgspec.Struct, frozen=True, kw_only=True):
    """An eval that the source declares with its unit, bounds and goalposts."""

    line: int
    slug: str
    name: str
    domain: str
    subdomain: str
    unit: str
    scale: str
    direction: str
    lower: float | None = None
    upper: float | None = None
    floor: float | None = None
    ceiling: float | None = None
    ceiling_note: str = ""
    human_baseline: float | None = None
    human_baseline_who: str = ""
    human_baseline_source: str = ""
    n_items: str = ""
    released_on: dt.date | None = None
    measures: str = ""
    access: str = ""
    grading: str = ""
    source_url: str = ""


class FlagRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A doubt about an eval that the source declares: contaminated or disputed, since when."""

    line: int
    eval: str
    kind: str
    since: dt.date
    reason: str
    source_url: str = ""


class RejectedRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row that could not be read, with the reason in words."""

    line: int
    reason: str
    raw: str = ""


Record = ScoreRecord | SystemRecord | EvalRecord | FlagRecord | NameRecord | RejectedRow


class UnreadableFile(Exception):
    """The file as a whole cannot be used; the text names it and says why."""
