"""Core measures: does one eval carry the index? (methodology section 9)

    core      the same index without the evals that are flagged: same chain, base, overlap lists
              and recorded fills, the weights of the others renormalised to 1
    median    I_0 + k m, m the weighted median of the evals' point changes p_se - p_0e
    trimmed   the same with their 16% trimmed mean (both in centre.py)

I_0 is the base's index on the version in force for the system, k that version's index points per
goalpost point; median and trimmed count flagged evals too. On the odds scale the changes are of
logits and the measures I_0 exp(m). They compare single evals, so a product of domains has none.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from baskets.engine.aggregate import Array, Node, ordered_sum, transformed
from baskets.engine.answer import Answer
from baskets.engine.centre import trimmed_mean, weighted_median
from baskets.engine.compute import State, prepare
from baskets.engine.errors import EngineError, UnknownId
from baskets.engine.parts import Basket, domains_of
from baskets.engine.problem import Problem

FLAGS = ("contaminated", "disputed", "saturated", "self-reported")

# Reasons for a missing measure that are not refusals of the engine.
EMPTY_DOMAIN = "EmptyDomain"
NO_VALUE = "NoValue"
BASE_MISSING = "BaseMissing"
NOT_A_MEAN = "NotAMean"


@dataclass(frozen=True)
class CoreValue:
    """A system's core measures in one series, on the version in force for it.

    excluded_weight: share of the series' weight on that version that is flagged. reason: empty, or
    why `core` is missing, else why `median` and `trimmed` are: the name of the engine's refusal
    ("BaseTooLow", "OverlapTooSmall", ...), "EmptyDomain" where every eval of a domain is flagged,
    "NoValue" where none of the system's observed evals of a domain is left, "BaseMissing" where
    the base has no value on the version, "NotAMean" for a product of domains.
    """

    system: str
    series: str
    basket: str
    value: float
    core: float | None
    median: float | None
    trimmed: float | None
    excluded_weight: float
    reason: str


def flags_of(
    problem: Problem, *, also: Mapping[str, Sequence[str]] | None = None
) -> dict[str, tuple[str, ...]]:
    """The flags of a problem's evals, with those that only a computation shows ("saturated")."""
    found: dict[str, tuple[str, ...]] = {}
    for item in problem.evals:
        flags = {*item.flags, *(also or {}).get(item.id, ())}
        if flags:
            found[item.id] = tuple(sorted(flags))
    return found


def core_measures(
    problem: Problem,
    answer: Answer,
    *,
    flagged: Mapping[str, Sequence[str]],
    series: Sequence[str] | None = None,
) -> tuple[CoreValue, ...]:
    """Core measures of every system with a value on its version in force, official or provisional.

    flagged: FLAGS by eval, as `flags_of` gives them. series: by default the headline and the
    domains. Refuses an unknown eval or flag; what the engine refuses of the core index itself is
    a reason in the values.
    """
    for name, reasons in flagged.items():
        if name not in problem.eval_by_id or not set(reasons) <= set(FLAGS):
            raise UnknownId(f"the flags {', '.join(reasons)} of the eval {name} are not known")
    state = prepare(problem, filled=answer.imputed)
    counted = {name for basket in problem.baskets for name in basket.weights}
    wanted = series or ("headline", *domains_of(problem.eval_by_id[name] for name in counted))
    left_out = frozenset(name for name in counted if flagged.get(name))
    return tuple(row for one in wanted for row in _measures(state, answer, one, left_out))


@dataclass(frozen=True)
class _Column:
    """One measure of all systems on one version (S,); `reason` where it is missing."""

    values: Array
    reason: str

    def at(self, row: int) -> tuple[float | None, str]:
        value = float(self.values[row])
        return (value, "") if np.isfinite(value) else (None, self.reason)


def _measures(
    state: State, answer: Answer, series: str, flagged: frozenset[str]
) -> Iterator[CoreValue]:
    problem = state.problem
    place = {basket.id: n for n, basket in enumerate(problem.baskets)}
    nodes = [_node(state, series, position) for position in place.values()]
    cores = _cores(state, series, flagged, nodes)
    centres = [_centres(state, series, n, node) for n, node in enumerate(nodes)]
    for row, system in enumerate(problem.systems):
        basket = problem.version_in_force(system).id
        position = place[basket]
        point, node = answer.point_at.get((system.id, series, basket)), nodes[position]
        if point is None or point.value is None or node is None:
            continue
        core, why = cores[position].at(row)
        median, trimmed = (column.at(row) for column in centres[position])
        yield CoreValue(
            system=system.id,
            series=series,
            basket=basket,
            value=point.value,
            core=core,
            median=median[0],
            trimmed=trimmed[0],
            excluded_weight=_share(state, position, node, flagged),
            reason=why or median[1],
        )


def _node(state: State, series: str, position: int) -> Node | None:
    name = "headline" if series == "balanced" else series
    nodes = state.tables[position].version.nodes
    return next((node for node in nodes if node.series == name), None)


def _names(state: State, position: int, node: Node) -> list[str]:
    return [state.tables[position].version.evals[e] for e in node.evals]


def _share(state: State, position: int, node: Node, flagged: frozenset[str]) -> float:
    pairs = zip(_names(state, position, node), node.weights, strict=True)
    return ordered_sum(weight for name, weight in pairs if name in flagged)


def _cores(
    state: State, series: str, flagged: frozenset[str], nodes: Sequence[Node | None]
) -> list[_Column]:
    """The core index of a series on every version.

    The engine refuses whole problems. So only the series' own evals are left out, and what is
    refused with all versions is tried with fewer: a link that fails ends the core index there,
    and the versions before it keep theirs.
    """
    problem, nothing = state.problem, np.full(len(state.problem.systems), np.nan)
    mine = {n for p, node in enumerate(nodes) if node for n in _names(state, p, node)}
    baskets = [_without(problem, basket, flagged & mine) for basket in problem.baskets]
    ends = len(baskets)
    columns: list[_Column] = []
    if None in baskets:
        ends = baskets.index(None)
        columns = [_Column(nothing, EMPTY_DOMAIN)] * (len(baskets) - ends)
    while ends:
        kept = tuple(basket for basket in baskets[:ends] if basket)
        try:
            chain = prepare(replace(problem, baskets=kept), filled=state.fill.imputed).chain
        except EngineError as error:
            ends -= 1
            columns = [_Column(nothing, error.name), *columns]
            continue
        index = [chain.index.get((series, n)) for n in range(ends)]
        found = [_Column(nothing if i is None else i[:, 0], NO_VALUE) for i in index]
        return [*found, *columns]
    return columns


def _without(problem: Problem, basket: Basket, flagged: frozenset[str]) -> Basket | None:
    """The basket without some evals; None where a domain of it would be left with none."""
    if not flagged & basket.weights.keys():
        return basket
    kept = {name: w for name, w in basket.weights.items() if name not in flagged}
    before, after = (
        domains_of(problem.eval_by_id[name] for name in names) for names in (basket.weights, kept)
    )
    if before != after:
        return None
    total = ordered_sum(kept.values())
    return replace(basket, weights={name: weight / total for name, weight in kept.items()})


def _centres(
    state: State, series: str, position: int, node: Node | None
) -> tuple[_Column, _Column]:
    """Median and trimmed mean of a series on one version."""
    problem, chain = state.problem, state.chain
    nothing = np.full(len(problem.systems), np.nan)
    product = series == "balanced" or (chain.headline_is_balanced and series == "headline")
    if product or node is None or (series, position) not in chain.levels:
        missing = _Column(nothing, NOT_A_MEAN if product else NO_VALUE)
        return missing, missing
    base = problem.row_of[problem.method.base]
    start = float(chain.index[series, position][base, 0])
    cells = transformed(state.tables[position], chain.scale)[list(node.evals), :, 0]
    changes = cells - cells[:, base : base + 1]
    slope = float(chain.levels[series, position].slope[0])
    columns = []
    for centre in (weighted_median(changes, node.weights), trimmed_mean(changes, node.weights)):
        odds = chain.scale == "odds"
        values = start * np.exp(centre) if odds else start + slope * centre
        columns.append(_Column(values, BASE_MISSING))
    return columns[0], columns[1]
