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
    points, group = table.points.copy(), _groups(version)
    gaps = np.flatnonzero(~table.observed.all(axis=0))
    for column in gaps.tolist():
        for domain in version.domains:
            found = _changes(version, table, domain.evals, column, base, group)
            for position, change in found.items():
                if not table.observed[position, column]:
                    points[position, column] = np.clip(
                        table.points[position, base] + change, 0, 100
                    )
    return points


def _changes(
    version: Version,
    table: Table,
    evals: Sequence[int],
    column: int,
    base: int,
    group: Mapping[int, str],
) -> Mapping[int, Array]:
    """The change from the base (B,) that a missing cell of each eval of a domain takes over.

    group: the subdomain of every eval, or what stands for one.
    """
    weight = {p: version.basket.weights[version.evals[p]] for p in evals}
    moved: dict[str, list[tuple[float, Array]]] = {}
    for p in evals:
        if table.observed[p, column]:
            change = table.points[p, column] - table.points[p, base]
            moved.setdefault(group[p], []).append((weight[p], change))
    if not moved:
        return {}
    by_group = {name: _mean(pairs) for name, pairs in moved.items()}
    size = dict.fromkeys(by_group, 0.0)
    for p in evals:
        if group[p] in size:
            size[group[p]] += weight[p]
    whole = _mean([(size[name], change) for name, change in by_group.items()])
    return {p: by_group.get(group[p], whole) for p in evals}


def _groups(version: Version) -> Mapping[int, str]:
    """The series of every eval's subdomain; an eval without one is named by itself."""
    group = dict(enumerate(version.evals))
    for node in version.subdomains:
        group |= dict.fromkeys(node.evals, node.series)
    return group


def _mean(pairs: Sequence[tuple[float, Array]]) -> Array:
    total = sum(weight for weight, _ in pairs)
    return np.asarray(sum(weight * change for weight, change in pairs) / total)
