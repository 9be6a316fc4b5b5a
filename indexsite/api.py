"""The public API: each room brings its own router."""

from __future__ import annotations

from ninja import NinjaAPI

from baskets.api import router as baskets_router
from evals.api import router as evals_router

api = NinjaAPI(
    title="AGI Index",
    version="1",
    urls_namespace="api-v1",
    description="Index points with their intervals, coverage and vintage.",
    docs_url=None,
)
api.add_router("", baskets_router)
api.add_router("", evals_router)
