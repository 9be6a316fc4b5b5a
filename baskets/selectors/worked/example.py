"""A worked example: what is put into a formula, what comes out, and what the release states."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from baskets.charts.words import points

# Bundles and rows are rounded to six decimals; what is worked out from them can miss by a few.
ROUNDING = 5e-5


@dataclass(frozen=True)
class Grid:
    """Numbers that are too many for a line; `numeric` has the columns set on the right.

    A row's first cell heads it. `foot` is empty or a last row of the same width.
    """

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: tuple[bool, ...]
    foot: tuple[str, ...] = ()


@dataclass(frozen=True)
class Worked:
    """One formula with real numbers.

    said: which case is worked, and where its numbers come from. lines: the formula with the
    numbers in it. result: what they give; stated: what the release states, read from another
    place than the numbers put in, which `where` names; None where the release states no such
    number. digits: decimals shown of both, which are compared to `tolerance`.
    """

    ident: str
    title: str
    said: str
    lines: tuple[str, ...]
    result: float | str
    stated: float | str | None
    where: str
    digits: int = 2
    unit: str = ""
    tolerance: float = ROUNDING
    grid: Grid | None = None

    @property
    def result_text(self) -> str:
        """The result as it is printed."""
        return self._text(self.result)

    @property
    def stated_text(self) -> str:
        """What the release states, printed to as many digits; empty where it states nothing."""
        return "" if self.stated is None else self._text(self.stated)

    def _text(self, value: float | str) -> str:
        return value if isinstance(value, str) else points(value, self.digits)

    @property
    def agrees(self) -> bool:
        """Whether the release states what was worked out."""
        if isinstance(self.result, str) or isinstance(self.stated, str):
            return self.result == self.stated
        return self.stated is not None and abs(self.result - self.stated) <= self.tolerance


def worked_sum(at: float, k: float, level: float, anchor: float, result: float) -> str:
    """The index as a line: where it starts, k, and the level against the one it starts from."""
    return (
        f"I = {points(at, 3)} + {points(k, 5)} · ({points(level, 3)} − {points(anchor, 3)})"
        f" = {points(result, 2)}"
    )


def table_of_points() -> str:
    """Where the values of a release stand."""
    return _("the table of index points")


def index_points() -> str:
    """The unit of every index."""
    return _("index points")
