"""The parts of a problem as frozen values: method, evals, systems, scores, baskets."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from baskets.engine.points import Goalposts, merged

RESERVED_SERIES = ("headline", "balanced")


@dataclass(frozen=True)
class Method:
    """How the index is computed; the defaults are those of methodology section 15."""

    base: str
    link: str = "additive"
    scale: str = "points"
    domain_mean: str = "arithmetic"
    imputation: str = "model"
    coverage_floor: float = 0.5
    domain_coverage_floor: float = 0.0
    min_evals: int = 2
    replicates: int = 0
    seed: int = 0

    @property
    def effective_link(self) -> str:
        """`scale: odds` implies ratio links, there of geometric means."""
        return "ratio" if self.scale == "odds" else self.link


@dataclass(frozen=True)
class Eval:
    """An eval with its unit bounds, its own goalposts and its default standard error (unit).

    flags: doubts about what the eval still measures, such as "contaminated"; they change no value
    and leave the eval out of the core index (section 9).
    """

    id: str
    domain: str
    subdomain: str | None = None
    scale: str = "linear"
    lower: float | None = None
    upper: float | None = None
    goalposts: Goalposts = field(default_factory=Goalposts)
    released_on: date | None = None
    stderr: float | None = None
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class System:
    """A system of a developer, belonging to a generation."""

    id: str
    released_on: date | None = None
    generation: str | None = None
    developer: str | None = None


@dataclass(frozen=True)
class Score:
    """The measurement that stands for one cell; `stderr` is in the eval's unit."""

    system: str
    eval: str
    value: float
    stderr: float | None = None
    n_items: float | None = None


@dataclass(frozen=True)
class Basket:
    """One basket version. Weights sum to 1; absent floors are those of the method."""

    id: str
    weights: Mapping[str, float]
    effective_on: date | None = None
    goalposts: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    references: Mapping[str, float] = field(default_factory=dict)
    overlap: tuple[str, ...] = ()
    coverage_floor: float | None = None
    domain_coverage_floor: float | None = None
    min_evals: int | None = None

    def goalposts_of(self, item: Eval) -> Goalposts:
        """The goalposts of an eval in this version: its own declarations over the eval's."""
        return merged(item.goalposts, self.goalposts, self.references, key=item.id)


def domains_of(evals: Iterable[Eval]) -> tuple[str, ...]:
    """The domains of some evals in alphabetical order."""
    return tuple(sorted({e.domain for e in evals}))
