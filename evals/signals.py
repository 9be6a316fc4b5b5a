"""What the room tells those above it, inside the transaction in which it happened."""

from __future__ import annotations

from django.dispatch import Signal

scores_changed = Signal()
"""Sent with `cause` (text for people) when accepted scores were added or withdrawn."""
