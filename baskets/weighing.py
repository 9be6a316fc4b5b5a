"""Operations on the weights of a draft, in whole millionths of the headline.

A weight is stored as a decimal with at most six places, so that the weights of a version add up to
1 exactly as they are written. Every operation returns shares that add up to WHOLE, leaves locked
weights as they are, and gives what rounding leaves over to the largest remainders, in the order of
the names where these are equal. No eval falls below one millionth: to leave it out is a decision.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from fractions import Fraction

from django.utils.translation import gettext as _

WHOLE = 1_000_000
PLACES = 6

Shares = Mapping[str, int]


class CannotWeigh(Exception):
    """No weights do what was asked; the text says why, for people."""


def shares_of(weights: Mapping[str, float]) -> dict[str, int]:
    """Weights in any unit as millionths of their sum. CannotWeigh where nothing has a weight."""
    if not all(math.isfinite(weight) and weight >= 0 for weight in weights.values()):
        raise CannotWeigh(_("A weight must be a finite number, and not below zero."))
    return _divided(WHOLE, {name: Fraction(repr(weight)) for name, weight in weights.items()})


def weight_of(share: int) -> float:
    """The weight as it is stored: the decimal with six places, and nothing more."""
    return share / WHOLE


def normalised(shares: Shares, *, locked: Collection[str] = ()) -> dict[str, int]:
    """The open weights in their proportions, with the locked ones making the whole."""
    return _with_open(shares, locked, set(shares), WHOLE)


def scaled(
    shares: Shares, branch: Collection[str], to: int, *, locked: Collection[str] = ()
) -> dict[str, int]:
    """The branch weighs `to` millionths together; all else takes up the difference.

    branch: the names of its evals, one or many. Proportions within the branch and outside it stay.
    """
    inside = {name for name in shares if name in branch}
    outside = shares.keys() - inside
    if not inside:
        raise CannotWeigh(_("There is no eval in this branch."))
    if not 0 < to <= WHOLE:
        raise CannotWeigh(_("A branch weighs more than 0 and at most 100 per cent."))
    if not outside and to != WHOLE:
        raise CannotWeigh(_("The branch is the whole basket, so it weighs 100 per cent."))
    found = _with_open(shares, locked, inside, to)
    found |= _with_open(shares, locked, set(outside), WHOLE - to)
    return {name: found[name] for name in shares}


def equalised(
    shares: Shares, branch: Collection[str], *, locked: Collection[str] = ()
) -> dict[str, int]:
    """The open evals of the branch weigh the same; what they weigh together stays."""
    whole = normalised(shares, locked=locked)
    free = [name for name in whole if name in branch and name not in locked]
    if not free:
        raise CannotWeigh(_("Every weight of this branch is locked, or there is none."))
    together = sum(whole[name] for name in free)
    return whole | _divided(together, dict.fromkeys(free, Fraction(1)))


def entered(
    shares: Shares, name: str, share: int, *, locked: Collection[str] = ()
) -> dict[str, int]:
    """The eval comes in with a share, for which the open ones make room in their proportions."""
    if name in shares:
        raise CannotWeigh(_("This eval is in the basket already."))
    return scaled({**shares, name: share}, {name}, share, locked=locked)


def retired(shares: Shares, name: str, *, locked: Collection[str] = ()) -> dict[str, int]:
    """The eval leaves; the open ones take its share in their proportions."""
    rest = {other: share for other, share in shares.items() if other != name}
    if not rest:
        raise CannotWeigh(_("A basket needs at least one eval."))
    return normalised(rest, locked=locked)


def replaced(shares: Shares, old: str, new: str) -> dict[str, int]:
    """The new eval takes the place and the share of the old one; nothing else moves."""
    if new in shares:
        raise CannotWeigh(_("This eval is in the basket already."))
    return {new if name == old else name: share for name, share in shares.items()}


def _with_open(shares: Shares, locked: Collection[str], of: set[str], to: int) -> dict[str, int]:
    """Some of the shares, the open ones in their proportions, so that they add up to `to`."""
    kept = {name: share for name, share in shares.items() if name in of and name in locked}
    free = {name: Fraction(shares[name]) for name in shares if name in of and name not in locked}
    rest = to - sum(kept.values())
    if not free and rest:
        raise CannotWeigh(
            _("The weights that would have to give or take are all locked. Unlock one of them.")
        )
    return kept | _divided(rest, free) if free else kept


def _divided(total: int, amounts: Mapping[str, Fraction]) -> dict[str, int]:
    """`total` in whole parts in proportion to the amounts, each at least 1: largest remainders.

    Amounts that are all zero get equal parts.
    """
    if total < len(amounts) or not amounts:
        raise CannotWeigh(
            _("The locked weights leave too little for the others. Unlock or lower one of them.")
        )
    open_to = dict(amounts) if any(amounts.values()) else dict.fromkeys(amounts, Fraction(1))
    found: dict[str, int] = {}
    while small := _too_small(total - len(found), open_to):
        found |= dict.fromkeys(small, 1)
        open_to = {name: amount for name, amount in open_to.items() if name not in found}
    left = total - len(found)
    together = sum(open_to.values())
    exact = {name: left * amount / together for name, amount in open_to.items()}
    found |= {name: int(value) for name, value in exact.items()}
    order = sorted(exact, key=lambda name: (found[name] - exact[name], name))
    for name in order[: total - sum(found.values())]:
        found[name] += 1
    return {name: found[name] for name in amounts}


def _too_small(total: int, amounts: Mapping[str, Fraction]) -> Iterable[str]:
    """The amounts whose part of the total would be less than 1."""
    together = sum(amounts.values())
    return [name for name, amount in amounts.items() if total * amount < together]
