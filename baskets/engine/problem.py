"""The whole input of the engine as frozen values (methodology section 15)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

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
    """An eval with its unit bounds, its own goalposts and its default standard error (unit)."""

    id: str
    domain: str
    subdomain: str | None = None
    scale: str = "linear"
    lower: float | None = None
    upper: float | None = None
    goalposts: Goalposts = field(default_factory=Goalposts)
    released_on: date | None = None
    stderr: float | None = None


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


@dataclass(frozen=True)
class Problem:
    """A validated problem: evals, systems and scores ordered by id, baskets in chain order.

    Build it with `from_json`; the constructor itself checks nothing.
    """

    method: Method
    evals: tuple[Eval, ...]
    systems: tuple[System, ...]
    scores: tuple[Score, ...]
    baskets: tuple[Basket, ...]

    @staticmethod
    def from_json(obj: Mapping[str, object]) -> "Problem":
        """Read, check and normalise the JSON form; refuses with the errors of section 14."""
        from baskets.engine.problem_json import read_problem

        return read_problem(obj)

    def to_json(self) -> dict[str, object]:
        """The JSON form with every default written out; reading it back gives an equal problem."""
        from baskets.engine.problem_json import write_problem

        return write_problem(self)

    @cached_property
    def eval_by_id(self) -> dict[str, Eval]:
        """Evals by id."""
        return {e.id: e for e in self.evals}

    @cached_property
    def system_by_id(self) -> dict[str, System]:
        """Systems by id."""
        return {s.id: s for s in self.systems}

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Position of each system in every array."""
        return {s.id: n for n, s in enumerate(self.systems)}

    @cached_property
    def score_by_cell(self) -> dict[tuple[str, str], Score]:
        """Scores by (system, eval)."""
        return {(s.system, s.eval): s for s in self.scores}

    def goalposts(self, basket: Basket, eval_id: str) -> Goalposts:
        """The goalposts of an eval in a basket version."""
        own = self.eval_by_id[eval_id].goalposts
        return merged(own, basket.goalposts, basket.references, key=eval_id)

    def fit_goalposts(self, eval_id: str) -> Goalposts:
        """The goalposts under which an eval enters the fit of section 3.

        Those of the first version that counts the eval, else the eval's own: so a later version
        with other goalposts does not change the fills of the versions before it.
        """
        for basket in self.baskets:
            if eval_id in basket.weights:
                return self.goalposts(basket, eval_id)
        return self.eval_by_id[eval_id].goalposts

    def version_in_force(self, system: System) -> Basket:
        """The version of a system's official value: in force when it was released.

        A system older than the first version is measured on the first; an undated one on the
        newest, because nothing says that it is older.
        """
        if system.released_on is None:
            return self.baskets[-1]
        dated = [b for b in self.baskets if b.effective_on and b.effective_on <= system.released_on]
        return dated[-1] if dated else self.baskets[0]


def domains_of(evals: Iterable[Eval]) -> tuple[str, ...]:
    """The domains of some evals in alphabetical order."""
    return tuple(sorted({e.domain for e in evals}))
