"""Baskets under governance: drafts are edited and proposed, published versions only read."""

from __future__ import annotations

from baskets.admin.challenges import ChallengeAdmin
from baskets.admin.own import OwnBasketAdmin, OwnWorkAdmin
from baskets.admin.records import BasketAdmin, RecomputeAdmin, ReleaseAdmin
from baskets.admin.versions import BasketVersionAdmin

__all__ = [
    "BasketAdmin",
    "BasketVersionAdmin",
    "ChallengeAdmin",
    "OwnBasketAdmin",
    "OwnWorkAdmin",
    "RecomputeAdmin",
    "ReleaseAdmin",
]
