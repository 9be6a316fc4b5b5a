"""What the index makes of the scores. Releases, points and links are only ever added to."""

from __future__ import annotations

from baskets.models.audit import (
    BasketEvent,
    ChallengeEvent,
    DepartureEvent,
    OverlapEvent,
    OwnBasketEvent,
    VersionEvent,
    WeightEvent,
)
from baskets.models.challenges import Challenge, ChallengeRequest
from baskets.models.governance import Publication, Transition
from baskets.models.own import OwnBasket, OwnChange, OwnRelease, OwnVersion, OwnWork
from baskets.models.pieces import Choice, Piece
from baskets.models.record import Analysis, IndexPoint, Link, Release, Revision, Sheet
from baskets.models.versions import Basket, BasketVersion, Departure, Weight
from baskets.models.work import Recompute

__all__ = [
    "Analysis",
    "Basket",
    "BasketEvent",
    "BasketVersion",
    "Challenge",
    "ChallengeEvent",
    "ChallengeRequest",
    "Choice",
    "Departure",
    "DepartureEvent",
    "IndexPoint",
    "Link",
    "OverlapEvent",
    "OwnBasket",
    "OwnBasketEvent",
    "OwnChange",
    "OwnRelease",
    "OwnVersion",
    "OwnWork",
    "Piece",
    "Publication",
    "Recompute",
    "Release",
    "Revision",
    "Sheet",
    "Transition",
    "VersionEvent",
    "Weight",
    "WeightEvent",
]
