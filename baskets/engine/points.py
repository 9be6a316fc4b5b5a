"""From a value in an eval's own unit to points between two declared goalposts, and back."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from baskets.engine.errors import BadGoalposts, NotPositive

Array = NDArray[np.float64]

SCALES = ("linear", "log", "elo")


@dataclass(frozen=True)
class Goalposts:
    """What counts as 0 and as 100 points; the elo scale has a reference rating instead."""

    floor: float | None = None
    ceiling: float | None = None
    reference: float | None = None

    def over(self, other: "Goalposts") -> "Goalposts":
        """These goalposts, with gaps taken from the other ones (basket over eval)."""
        return Goalposts(
            floor=other.floor if self.floor is None else self.floor,
            ceiling=other.ceiling if self.ceiling is None else self.ceiling,
            reference=other.reference if self.reference is None else self.reference,
        )

    def usable(self, scale: str) -> bool:
        """Whether points can be computed on this scale."""
        if scale == "elo":
            return self.reference is not None
        return self.floor is not None and self.ceiling is not None


@dataclass(frozen=True)
class InPoints:
    """A value on the points scale; `clipped` says that it lay outside the goalposts."""

    points: float
    clipped: bool


def check_goalposts(goalposts: Goalposts, *, scale: str, at: str) -> None:
    """Refuse floor = ceiling, and goalposts of a log scale that are not positive."""
    if scale == "elo":
        return
    floor, ceiling = goalposts.floor, goalposts.ceiling
    if scale == "log":
        for end in (floor, ceiling):
            if end is not None and end <= 0:
                raise NotPositive(f"{at}: a goalpost of a log scale must be positive, not {end:g}")
    if floor is None or ceiling is None:
        return
    if floor == ceiling or (scale == "log" and math.log(floor) == math.log(ceiling)):
        raise BadGoalposts(f"{at}: floor and ceiling are both {floor:g}")


def to_points(value: float, *, scale: str, goalposts: Goalposts, at: str = "score") -> InPoints:
    """Points of a value (unit of the eval) by methodology section 1.

    linear: 100 (x - floor) / (ceiling - floor), clipped to [0, 100]
    log:    100 ln(x / floor) / ln(ceiling / floor), clipped below 0 only
    elo:    100 / (1 + 10^((reference - x) / 400))
    """
    if not goalposts.usable(scale):
        raise BadGoalposts(f"{at}: no usable goalposts")
    if scale == "elo":
        assert goalposts.reference is not None
        exponent = min((goalposts.reference - value) / 400, 300.0)
        return InPoints(points=100 / (1 + math.pow(10, exponent)), clipped=False)
    if scale == "log" and value <= 0:
        raise NotPositive(f"{at}: the logarithm of {value:g} does not exist")
    raw = _affine(value, scale, goalposts)
    if math.isnan(raw):
        raise BadGoalposts(f"{at}: the goalposts are too far apart for a number")
    if scale == "log":
        return InPoints(points=max(raw, 0.0), clipped=raw < 0)
    return InPoints(points=min(max(raw, 0.0), 100.0), clipped=not 0 <= raw <= 100)


def value_at(points: float, *, scale: str, goalposts: Goalposts) -> float:
    """The value that has these points, under usable goalposts: what `to_points` takes back.

    Points outside [0, 100] give values outside the goalposts, on the elo scale an infinite one.
    """
    if scale == "elo":
        assert goalposts.reference is not None
        if not 0 < points < 100:
            return math.inf if points > 0 else -math.inf
        return goalposts.reference - 400 * math.log10(100 / points - 1)
    floor, ceiling = goalposts.floor, goalposts.ceiling
    assert floor is not None and ceiling is not None
    if scale == "log":
        width = math.log(ceiling) - math.log(floor)
        return math.exp(min(math.log(floor) + width * points / 100, 700.0))
    return floor + (ceiling - floor) * points / 100


def all_points(
    values: Array, *, scale: str, goalposts: Goalposts, at: Callable[[int], str]
) -> Array:
    """Points (n,) of many values of one eval, to the last bit those of `to_points`.

    at: says of the n-th value where it comes from, for the errors.
    """
    if scale != "linear":
        # The logarithms and powers of a vector may differ between machines in the last bit.
        return np.array(
            [
                to_points(value, scale=scale, goalposts=goalposts, at=at(n)).points
                for n, value in enumerate(values.tolist())
            ]
        )
    if not goalposts.usable(scale):
        raise BadGoalposts(f"{at(0)}: no usable goalposts")
    floor, ceiling = goalposts.floor, goalposts.ceiling
    assert floor is not None and ceiling is not None
    with np.errstate(all="ignore"):
        raw = 100 * (values - floor) / (ceiling - floor)
    if np.isnan(raw).any():
        where = at(int(np.argmax(np.isnan(raw))))
        raise BadGoalposts(f"{where}: the goalposts are too far apart for a number")
    return np.clip(raw, 0.0, 100.0)


def between(points: Array, *, scale: str, old: Goalposts, new: Goalposts) -> Array:
    """The same values under other goalposts: points under `old` to points in [0, 100] under `new`.

    A fill is a predicted value. Where two basket versions declare different goalposts for one
    eval, the prediction is one value and its points differ. Linear and log points are affine in
    each other; on the elo scale the odds are multiplied by 10^((old - new) / 400).
    """
    if old == new:
        return points
    if scale == "elo":
        assert old.reference is not None and new.reference is not None
        # Beyond 300 orders of magnitude every chance of winning is 0 or 1 anyway.
        shift = min(max((new.reference - old.reference) / 400, -300.0), 300.0)
        return np.asarray(100 * points / (points + (100 - points) * math.pow(10, shift)))
    first, last = (_affine(value, scale, new) for value in (old.floor, old.ceiling))
    return np.clip(first + (last - first) * points / 100, 0.0, 100.0)


def stretch(points: Array, *, scale: str, old: Goalposts, new: Goalposts) -> Array:
    """By how much `between` stretches a small difference at some points: errors follow it."""
    if scale == "elo":
        assert old.reference is not None and new.reference is not None
        ratio = math.pow(10, min(max((new.reference - old.reference) / 400, -300.0), 300.0))
        return np.asarray(100 * 100 * ratio / (points + (100 - points) * ratio) ** 2)
    first, last = (_affine(value, scale, new) for value in (old.floor, old.ceiling))
    return np.full(np.shape(points), abs(last - first) / 100)


def _affine(value: float | None, scale: str, goalposts: Goalposts) -> float:
    """Points of a value without clipping, linear and log scales."""
    floor, ceiling = goalposts.floor, goalposts.ceiling
    assert value is not None and floor is not None and ceiling is not None
    if scale == "log":
        return 100 * (math.log(value) - math.log(floor)) / (math.log(ceiling) - math.log(floor))
    return 100 * (value - floor) / (ceiling - floor)


def slope_at(value: float, *, scale: str, goalposts: Goalposts) -> float:
    """Points per unit at a value, by which a standard error in the unit becomes one in points."""
    if scale == "elo":
        share = to_points(value, scale=scale, goalposts=goalposts).points / 100
        return 100 * share * (1 - share) * math.log(10) / 400
    assert goalposts.floor is not None and goalposts.ceiling is not None
    if scale == "log":
        width = math.log(goalposts.ceiling) - math.log(goalposts.floor)
        return abs(100 / (value * width))
    return abs(100 / (goalposts.ceiling - goalposts.floor))


def slopes_at(values: Array, *, scale: str, goalposts: Goalposts) -> Array:
    """The same for many values: (n,)."""
    if scale == "elo":
        return np.array([slope_at(x, scale=scale, goalposts=goalposts) for x in values.tolist()])
    # On these two scales the slope at 1 says it all: it is constant, or falls with the value.
    one = slope_at(1.0, scale=scale, goalposts=goalposts)
    with np.errstate(divide="ignore"):
        return np.abs(one / values) if scale == "log" else np.full(len(values), one)


def merged(
    own: Goalposts,
    floors: Mapping[str, tuple[float | None, float | None]],
    references: Mapping[str, float],
    *,
    key: str,
) -> Goalposts:
    """An eval's goalposts in a basket version: the basket's where it declares them, else own."""
    floor, ceiling = floors.get(key, (None, None))
    return Goalposts(floor, ceiling, references.get(key)).over(own)
