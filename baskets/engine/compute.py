"""From a problem to an answer: fill, aggregate, link."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from baskets.engine.aggregate import Standing, Table, standing, version_of
from baskets.engine.answer import Answer, Link, SeriesLevel
from baskets.engine.contributions import against_base
from baskets.engine.environment import environment
from baskets.engine.impute import Fill, Imputed, fill, fit_domains
from baskets.engine.link import Chain, Overlaps, chain_versions
from baskets.engine.measurement import MeasurementError
from baskets.engine.observe import observed_table, with_fills
from baskets.engine.parts import System
from baskets.engine.problem import Problem
from baskets.engine.report import number, points_of
from baskets.engine.uncertainty import Replicates, replicate


@dataclass(frozen=True)
class State:
    """A computation between filling and reporting: one table and standing per version."""

    problem: Problem
    tables: tuple[Table, ...]
    standings: tuple[Mapping[str, Standing], ...]
    chain: Chain
    fill: Fill


def compute(problem: Problem, *, filled: Sequence[Imputed] | None = None) -> Answer:
    """The answer to a problem.

    `filled`: fills recorded earlier, used in place of a new fit; the index arithmetic then
    rebuilds the central values of that earlier answer. Refuses with the errors of section 14.
    """
    return compute_with_replicates(problem, filled=filled)[0]


def compute_with_replicates(
    problem: Problem, *, filled: Sequence[Imputed] | None = None
) -> tuple[Answer, Replicates | None]:
    """The answer and the replicates behind its intervals, None where the problem asks for none."""
    state = prepare(problem, filled=filled)
    redrawn = replicates_of(state) if problem.method.replicates else None
    return answer_of(state, redrawn), redrawn


def answer_of(state: State, redrawn: Replicates | None) -> Answer:
    """What a computation says, with intervals where there are replicates of it."""
    problem = state.problem
    intervals = redrawn.intervals() if redrawn else None
    return Answer(
        points=points_of(problem, state.tables, state.standings, state.chain, intervals),
        links=links_of(state),
        contributions=against_base(problem, state.tables, state.standings, state.chain),
        imputed=state.fill.imputed,
        sha256=problem.sha256,
        imputation=state.fill.report(),
        levels=_levels(state),
        errors=_errors(problem, redrawn) if redrawn else (),
        made_with=environment(),
    )


def replicates_of(state: State) -> Replicates:
    """The replicates behind the intervals; `compare` of the result takes pairs of systems."""
    fits = state.fill.fits
    if state.problem.method.imputation == "model" and not fits:
        # Recorded fills carry no model; the draws need one.
        fits = fit_domains(state.problem, state.tables)
    return replicate(state.problem, state.tables, state.standings, state.chain, fits)


def _errors(problem: Problem, redrawn: Replicates) -> tuple[MeasurementError, ...]:
    """The measurement errors of the baskets' observed cells."""
    counted = {name for basket in problem.baskets for name in basket.weights}
    return tuple(error for error in redrawn.errors.values() if error.eval in counted)


def prepare(
    problem: Problem,
    *,
    filled: Sequence[Imputed] | None = None,
    pinned: Overlaps | None = None,
) -> State:
    """Tables, standings and the chain of the method asked for; `pinned` as in `chain_levels`."""
    versions = [version_of(problem, basket) for basket in problem.baskets]
    observed = [observed_table(problem, version) for version in versions]
    cells = fill(problem, observed) if filled is None else Fill(tuple(filled))
    tables = tuple(
        with_fills(
            problem, table, (((c.system, c.eval, c.basket), c.points) for c in cells.imputed)
        )
        for table in observed
    )
    method = problem.method
    standings = tuple(standing(t.version, t, method.imputation) for t in tables)
    chain = chain_versions(
        problem,
        tables,
        standings,
        scale=method.scale,
        link=method.effective_link,
        geometric=method.domain_mean == "geometric",
        pinned=pinned,
    )
    return State(problem, tables, standings, chain, cells)


def _levels(state: State) -> tuple[SeriesLevel, ...]:
    names = [s.id for s in state.problem.systems]
    rows = []
    for (series, position), found in state.chain.levels.items():
        overlap = state.chain.overlaps.get((series, position), ())
        rows.append(
            SeriesLevel(
                series=series,
                basket=state.problem.baskets[position].id,
                at=float(found.at[0]),
                slope=float(found.slope[0]),
                anchor=float(found.anchor[0]),
                overlap=tuple(names[row] for row in overlap),
            )
        )
    return tuple(rows)


def links_of(state: State) -> tuple[Link, ...]:
    """Every link with the newest overlap system's level under the three ways of linking."""
    if not state.chain.overlaps:
        return ()
    ways = {
        "additive": ("points", "additive"),
        "ratio": ("points", "ratio"),
        "odds": ("odds", "ratio"),
    }
    chains = {
        way: chain_versions(
            state.problem,
            state.tables,
            state.standings,
            scale=scale,
            link=link,
            geometric=False,
            pattern=state.chain,
        )
        for way, (scale, link) in ways.items()
    }
    systems, baskets, rows = state.problem.systems, state.problem.baskets, []
    for (series, position), overlap in state.chain.overlaps.items():
        if (series, position) not in state.chain.levels:
            continue
        newest = max(overlap, key=lambda row: _age(systems[row]))
        shown = {way: chain.index[series, position][newest, 0] for way, chain in chains.items()}
        rows.append(
            Link(
                series=series,
                from_basket=baskets[position - 1].id,
                to_basket=baskets[position].id,
                overlap=tuple(systems[row].id for row in overlap),
                **{way: number(value) for way, value in shown.items()},
            )
        )
    return tuple(rows)


def _age(system: System) -> tuple[int, str]:
    """Order by release; an undated system counts as older than every dated one."""
    return (system.released_on.toordinal() if system.released_on else 0, system.id)
