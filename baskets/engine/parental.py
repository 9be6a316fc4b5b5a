"""The `parental` fill of section 3: missing cells move as their siblings do."""

from collections.abc import Mapping, Sequence

import numpy as np

from baskets.engine.aggregate import Array, Table, Version
from baskets.engine.errors import BaseMissing


def parental_points(table: Table, base: int) -> Array:
    """Points (E, S, B) with missing cells filled from the base's row and the siblings' change.

    A missing cell moves from the base's points by the weighted mean change of the observed evals
    of its subdomain; where the subdomain has none, by the weighted mean change of the domain's
    subdomains that have some; an eval without a subdomain is a subdomain of its own. The result
    is held within [0, 100] points. The base has no siblings to move with, so it must be observed
    on every eval. Cells of a domain in which a system has nothing observed stay NaN.
    """
    version = table.version
    if not table.observed[:, base].all():
        gap = version.evals[int(np.argmin(table.observed[:, base]))]
        raise BaseMissing(f"parental filling needs the base system observed on {gap}")
    points = table.points.copy()
    for column in range(points.shape[1]):
        for domain in version.domains:
            for position, change in _changes(version, table, domain.evals, column, base).items():
                if not table.observed[position, column]:
                    points[position, column] = np.clip(
                        table.points[position, base] + change, 0, 100
                    )
    return points


def _changes(
    version: Version, table: Table, evals: Sequence[int], column: int, base: int
) -> Mapping[int, Array]:
    """The change from the base (B,) that a missing cell of each eval of a domain takes over."""
    group = {p: _group_of(version, p) for p in evals}
    weight = {p: version.basket.weights[version.evals[p]] for p in evals}
    moved: dict[str, list[tuple[float, Array]]] = {}
    for p in evals:
        if table.observed[p, column]:
            change = table.points[p, column] - table.points[p, base]
            moved.setdefault(group[p], []).append((weight[p], change))
    if not moved:
        return {}
    by_group = {name: _mean(pairs) for name, pairs in moved.items()}
    size = {name: sum(weight[p] for p in evals if group[p] == name) for name in by_group}
    whole = _mean([(size[name], change) for name, change in by_group.items()])
    return {p: by_group.get(group[p], whole) for p in evals}


def _group_of(version: Version, position: int) -> str:
    for node in version.subdomains:
        if position in node.evals:
            return node.series
    return version.evals[position]


def _mean(pairs: Sequence[tuple[float, Array]]) -> Array:
    total = sum(weight for weight, _ in pairs)
    return np.asarray(sum(weight * change for weight, change in pairs) / total)
