"""What the columns of a table mean, as a person says it once and for all files of one kind."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

DateForm = Literal["year-month-day", "day/month/year", "month/day/year", "day.month.year"]
DATE_FORMS: dict[str, re.Pattern[str]] = {
    "year-month-day": re.compile(r"(?P<y>[0-9]{4})-(?P<m>[0-9]{1,2})-(?P<d>[0-9]{1,2})(?:[T ].*)?"),
    "day/month/year": re.compile(r"(?P<d>[0-9]{1,2})/(?P<m>[0-9]{1,2})/(?P<y>[0-9]{4})"),
    "month/day/year": re.compile(r"(?P<m>[0-9]{1,2})/(?P<d>[0-9]{1,2})/(?P<y>[0-9]{4})"),
    "day.month.year": re.compile(r"(?P<d>[0-9]{1,2})\.(?P<m>[0-9]{1,2})\.(?P<y>[0-9]{4})"),
}
# The facts that a column or a constant can state.
FACTS = (
    "system",
    "eval",
    "value",
    "stderr",
    "low",
    "high",
    "uncertainty",
    "n_items",
    "observed_on",
    "reported_by",
    "source_url",
    "unit",
    "note",
    "external_id",
    "developer",
    "harness",
)


class Mapping(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the columns of a table mean: the name of a column for each fact, "" for none.

    `constants` states a fact for every row; `elicitation` names the columns whose cells say how the
    system was asked. In a wide table each column of `wide` is an eval of that name, and `eval` and
    `value` are not given. An empty `delimiter` is found from the file. `higher_is_better` names a
    column of true and false.
    """

    system: str = ""
    eval: str = ""
    value: str = ""
    stderr: str = ""
    low: str = ""
    high: str = ""
    uncertainty: str = ""
    n_items: str = ""
    observed_on: str = ""
    reported_by: str = ""
    source_url: str = ""
    unit: str = ""
    note: str = ""
    external_id: str = ""
    developer: str = ""
    harness: str = ""
    higher_is_better: str = ""
    elicitation: tuple[str, ...] = ()
    wide: tuple[str, ...] = ()
    constants: dict[str, str] = {}
    delimiter: str = ""
    decimal_comma: bool = False
    dates: DateForm = "year-month-day"

    def columns(self) -> tuple[str, ...]:
        """Every column that is named."""
        single = (getattr(self, fact) for fact in (*FACTS, "higher_is_better"))
        return tuple(filter(None, (*single, *self.elicitation, *self.wide)))

    def states(self, fact: str) -> bool:
        """Whether a column or a constant gives the fact."""
        return bool(getattr(self, fact) or self.constants.get(fact))
