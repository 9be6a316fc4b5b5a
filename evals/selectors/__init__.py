"""Reads of the evals room."""

from __future__ import annotations

from evals.selectors.stored import AT_A_TIME, OddHash, odd_hashes, scores_of

__all__ = ["AT_A_TIME", "OddHash", "odd_hashes", "scores_of"]
