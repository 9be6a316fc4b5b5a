"""What the room tells those above it, inside the transaction in which it happened."""

from __future__ import annotations

from django.dispatch import Signal

version_published = Signal()
"""Sent with `version` (BasketVersion) when it was frozen."""
