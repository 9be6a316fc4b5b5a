"""The index engine: a chain-linked weighted basket of evals, without Django or a database.

`compute(Problem.from_json(obj))` gives the answer; the statistical contract is the methodology
page's, section by section.
"""

from baskets.engine.answer import (
    Answer,
    Contribution,
    Link,
    Point,
    SeriesLevel,
)
from baskets.engine.canonical import canonical, round_floats, sha256
from baskets.engine.compute import (
    State,
    answer_of,
    compute,
    compute_with_replicates,
    prepare,
    replicates_of,
)
from baskets.engine.contributions import contributions
from baskets.engine.core import CoreValue, core_measures, flags_of
from baskets.engine.environment import ENGINE_VERSION
from baskets.engine.errors import EngineError
from baskets.engine.impute import Imputed
from baskets.engine.ladder import Rung, SharedEval, ladder
from baskets.engine.leave_out import Change, LeftOut
from baskets.engine.measurement import MeasurementError
from baskets.engine.parts import Basket, Eval, Method, Score, System
from baskets.engine.problem import Problem
from baskets.engine.revised import (
    EvalTerm,
    OverlapChange,
    Revision,
    ScoreChange,
    Term,
)
from baskets.engine.revision import revisions
from baskets.engine.saturation import EvalWatch, watch
from baskets.engine.saturation_date import Saturation
from baskets.engine.selection import Candidate, Selected, select
from baskets.engine.sensitivity import EffectiveWeight, Refused, Sensitivity, sensitivity
from baskets.engine.sensitivity_design import Design
from baskets.engine.stability import Band, RankShares
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
from baskets.engine.uncertainty import Comparison, Replicates
from baskets.engine.vintage import Vintage

__all__ = [
    "ENGINE_VERSION",
    "Answer",
    "Band",
    "Basket",
    "Candidate",
    "Change",
    "Comparison",
    "Contribution",
    "CoreValue",
    "Design",
    "EffectiveWeight",
    "EngineError",
    "Eval",
    "EvalTerm",
    "EvalWatch",
    "GenerationValue",
    "Imputed",
    "LeftOut",
    "Link",
    "MeasurementError",
    "Method",
    "OverlapChange",
    "Point",
    "Problem",
    "RankShares",
    "Refused",
    "Replicates",
    "Revision",
    "Rung",
    "SafetyGap",
    "Saturation",
    "Score",
    "ScoreChange",
    "Selected",
    "Sensitivity",
    "SeriesLevel",
    "SharedEval",
    "Slope",
    "State",
    "Step",
    "System",
    "Term",
    "Vintage",
    "answer_of",
    "canonical",
    "compute",
    "compute_with_replicates",
    "contributions",
    "core_measures",
    "flags_of",
    "frontier",
    "generations",
    "ladder",
    "prepare",
    "replicates_of",
    "revisions",
    "round_floats",
    "safety_gap",
    "select",
    "sensitivity",
    "sha256",
    "slope",
    "watch",
]
