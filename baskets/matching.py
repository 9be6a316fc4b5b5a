"""Finding things by what people type: part of a name, an alias, a slug, with slips of the finger.

A query fits a thing in one of these ways, the earlier the better: a name is the query; begins with
it; has words that begin with the query's words; contains it; is it but for a slip or two. Case,
accents and whatever stands between letters and digits make no difference.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

WORD = re.compile(r"[^\W_]+")
EXACT, BEGINS, WORDS, CONTAINS, SLIPS = range(5)
# With fewer good finds than this, slips are looked for too.
ENOUGH = 5
LONGEST, MOST_WORDS = 100, 8


@dataclass(frozen=True)
class Entry:
    """A thing that can be found: its names, best first, and words that only help.

    `rank` orders things that fit equally well, lowest first.
    """

    kind: str
    key: str
    names: tuple[str, ...]
    beside: tuple[str, ...] = ()
    rank: float = 0.0


def folded(text: str) -> str:
    """The text without case and accents."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    return "".join(letter for letter in apart if not unicodedata.combining(letter))


def words_of(text: str) -> list[str]:
    """The words of a text, folded."""
    return WORD.findall(folded(text))


def slips_allowed(word: str) -> int:
    """How many letters of a word may be wrong, missing, too many or swapped."""
    return 0 if len(word) < 4 or word.isdigit() else 1 if len(word) < 7 else 2


@dataclass
class Table:
    """Entries prepared for being searched."""

    entries: Sequence[Entry]
    _joined: list[str] = field(init=False)
    _words: list[str] = field(init=False)
    _vocabulary: list[str] = field(init=False)
    _having: dict[str, set[int]] = field(init=False)
    _wholes: list[str] = field(init=False)
    _whole_of: list[int] = field(init=False)

    def __post_init__(self) -> None:
        having: dict[str, set[int]] = defaultdict(set)
        self._joined, self._words, self._wholes, self._whole_of = [], [], [], []
        for n, entry in enumerate(self.entries):
            named = [words_of(name) for name in entry.names]
            joined = dict.fromkeys("".join(words) for words in named if words)
            words = dict.fromkeys(
                [w for words in named for w in words]
                + [w for text in entry.beside for w in words_of(text)]
            )
            self._joined.append("|" + "|".join(joined) + "|")
            self._words.append(" " + " ".join(words))
            self._wholes += joined
            self._whole_of += [n] * len(joined)
            for word in words:
                having[word].add(n)
        self._having = dict(having)
        self._vocabulary = list(having)

    def find(self, query: str, *, most: int, kinds: Container[str] | None = None) -> list[Entry]:
        """The entries of these kinds (all where None) that fit best, at most `most`."""
        words = list(dict.fromkeys(words_of(query[:LONGEST])))[:MOST_WORDS]
        if not words:
            return []
        found = self._as_typed(words)
        if len(found) < min(ENOUGH, most):
            for n, slips in self._with_slips(words).items():
                found.setdefault(n, SLIPS + slips)
        places = [n for n in found if kinds is None or self.entries[n].kind in kinds]
        order = sorted(places, key=lambda n: (found[n], self.entries[n].rank, self.entries[n].key))
        return [self.entries[n] for n in order[:most]]

    def _as_typed(self, words: Sequence[str]) -> dict[int, int]:
        whole = "".join(words)
        exact, begins = f"|{whole}|", f"|{whole}"
        starts = [f" {word}" for word in words]
        found = {}
        for n, joined in enumerate(self._joined):
            if whole in joined:
                if begins in joined:
                    found[n] = EXACT if exact in joined else BEGINS
                else:
                    found[n] = CONTAINS
            if found.get(n, SLIPS) > WORDS:
                text = self._words[n]
                if all(start in text for start in starts):
                    found[n] = WORDS
        return found

    def _with_slips(self, words: Sequence[str]) -> dict[int, int]:
        """Entries that fit with slips, and how many."""
        found = self._whole_with_slips("".join(words))
        fits = [self._words_like(word) for word in words]
        for n in set.intersection(*(set(fit) for fit in fits)):
            slips = sum(fit[n] for fit in fits)
            found[n] = min(slips, found.get(n, slips))
        return found

    def _words_like(self, word: str) -> dict[int, int]:
        """Entries with a word that is, or begins like, this one, and by how many slips."""
        found: dict[int, int] = {}
        for place, slips in _like(word, self._vocabulary, slips_allowed(word)):
            for n in self._having[self._vocabulary[place]]:
                found[n] = min(slips, found.get(n, slips))
        return found

    def _whole_with_slips(self, whole: str) -> dict[int, int]:
        found: dict[int, int] = {}
        for place, slips in _like(whole, self._wholes, slips_allowed(whole)):
            n = self._whole_of[place]
            found[n] = min(slips, found.get(n, slips))
        return found


def _like(word: str, texts: Sequence[str], allowed: int) -> Iterable[tuple[int, int]]:
    """(place, slips) of every text that is, or begins, like the word."""
    if not texts:
        return []
    beginnings = [text[: len(word)] for text in texts]
    best = np.minimum(_distances(word, texts, allowed), _distances(word, beginnings, allowed))
    places = np.flatnonzero(best <= allowed)
    return zip(places.tolist(), best[places].tolist(), strict=True)


def _distances(word: str, texts: Sequence[str], allowed: int) -> NDArray[np.uint8]:
    apart: NDArray[np.uint8] = process.cdist(
        [word], texts, scorer=OSA.distance, score_cutoff=allowed, dtype=np.uint8
    )
    distances: NDArray[np.uint8] = apart[0]
    return distances
