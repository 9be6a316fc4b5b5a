"""Read API of the index: what was measured, what counts, and what came of it."""

from __future__ import annotations

from ninja import Router

from baskets.api import baskets, compare, evals, index, own, releases, scores, systems
from baskets.api.reading import checked

router = Router()
for part in (index, releases, systems, evals, scores, baskets, compare, own):
    part.router.add_decorator(checked, mode="view")
    router.add_router("", part.router)
