"""Releases in words, written from their data."""

from baskets.prose.headline import release_sentence
from baskets.prose.paragraphs import Paragraph, paragraphs
from baskets.prose.upcoming import next_release

__all__ = ["Paragraph", "next_release", "paragraphs", "release_sentence"]
