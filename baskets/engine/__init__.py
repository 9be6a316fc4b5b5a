"""The index engine: a chain-linked weighted basket of evals, without Django or a database.

`compute(Problem.from_json(obj))` gives the answer; the statistical contract is the methodology
page's, section by section.
"""

from baskets.engine.answer import (
    ENGINE_VERSION,
    Answer,
    Contribution,
    Link,
    Point,
    SeriesLevel,
)
from baskets.engine.canonical import canonical, round_floats, sha256
from baskets.engine.compute import compute
from baskets.engine.contributions import contributions
from baskets.engine.errors import EngineError
from baskets.engine.impute import Imputed
from baskets.engine.problem import Basket, Eval, Method, Problem, Score, System
from baskets.engine.selection import Candidate, Selected, select
from baskets.engine.trend import (
    GenerationValue,
    SafetyGap,
    Slope,
    Step,
    frontier,
    generations,
    safety_gap,
    slope,
)

__all__ = [
    "ENGINE_VERSION",
    "Answer",
    "Basket",
    "Candidate",
    "Contribution",
    "EngineError",
    "Eval",
    "GenerationValue",
    "Imputed",
    "Link",
    "Method",
    "Point",
    "Problem",
    "SafetyGap",
    "Score",
    "Selected",
    "SeriesLevel",
    "Slope",
    "Step",
    "System",
    "canonical",
    "compute",
    "contributions",
    "frontier",
    "generations",
    "round_floats",
    "safety_gap",
    "select",
    "sha256",
    "slope",
]
