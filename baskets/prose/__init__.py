"""Releases, values and evals in words, written from their data."""

from baskets.prose.beside import beside
from baskets.prose.causes import cause_words
from baskets.prose.headline import front_sentence, release_sentence, release_title
from baskets.prose.paragraphs import Paragraph, paragraphs
from baskets.prose.standing import system_sentences
from baskets.prose.upcoming import next_release
from baskets.prose.watch import WatchText, watch_text

__all__ = [
    "Paragraph",
    "WatchText",
    "beside",
    "cause_words",
    "front_sentence",
    "next_release",
    "paragraphs",
    "release_sentence",
    "release_title",
    "system_sentences",
    "watch_text",
]
