"""Other spellings of a known name, and effort in a name: never a guess."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.models import Developer, Generation, System
from evals.services.names import Known, NameBook, folded, reading, respelled

LAB = Developer(pk=1, slug="lab", name="The Lab")
OTHER = Developer(pk=2, slug="other", name="Another Lab")
SEPARATORS = ("-", "_", " ", ":", "@", " (", ") ", "--", ", ")
WORDS = st.sampled_from(["o3", "nova", "4.1", "high", "low", "16k", "mini", "tools", "thinking"])
SLUGS = st.lists(WORDS, min_size=1, max_size=4).map(tuple)


def system(pk: int, slug: str, developer: Developer = LAB) -> System:
    """A system that is in no database."""
    family = Generation(pk=1, developer=developer, name="G")
    day = dt.date(2025, 1, 1)
    known = {"developer": developer, "generation": family, "released_on": day}
    return System(pk=pk, slug=slug, name=slug.replace("-", " ").title(), **known)


def book(*slugs: str) -> NameBook:
    """The names of systems with these slugs."""
    return NameBook(Known.of([system(n, slug) for n, slug in enumerate(slugs, 1)]), Known({}, {}))


def read(names: NameBook, name: str) -> tuple[str, str] | None:
    found = names.system(name)
    return (found.target.slug, found.elicitation) if found else None


@pytest.mark.parametrize("between", ["_", " ", "-", ":", "@", ", ", " ("])
def test_any_spelling_of_a_known_name_is_that_name(between: str) -> None:
    name = f"O3{between}high" + (")" if "(" in between else "")
    assert read(book("o3", "o3-high"), name) == ("o3-high", "")
    assert read(book("o3"), name) == ("o3", "high")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("o3 (high, no tools)", ("o3-high", "no tools")),
        ("o3 (no tools, high)", ("o3-high", "no tools")),
        ("o3_high:16K", ("o3-high", "16K")),
        ("lab/o3_high", ("o3-high", "")),
        ("The Lab/o3 (low)", ("o3", "low")),
        ("other/o3_high", None),
        ("o3 (high effort)", None),
        ("o3 + tools", ("o3", "+ tools")),
        ("o3+", None),
    ],
)
def test_the_reading_that_leaves_most_to_the_system_holds(
    name: str, meant: tuple[str, str] | None
) -> None:
    assert read(book("o3", "o3-high"), name) == meant


def test_a_name_of_two_systems_is_not_taken_apart() -> None:
    names = book("o3", "o3-high", "o3_high")
    assert read(names, "o3:high") is None
    assert {match.target.slug for match in names.readings("o3:high")} == {"o3-high", "o3_high"}
    assert read(names, "O3_HIGH") == ("o3_high", "")


def test_a_name_that_may_be_two_things_names_both() -> None:
    slugs = [match.target.slug for match in book("o3", "o3-high").readings("o3 high effort")]
    assert slugs == ["o3", "o3-high"]


def spelled(words: Sequence[str], separators: Sequence[str]) -> str:
    """The words with these between them."""
    between = [*separators, *["-"] * len(words)][: len(words) - 1]
    return "".join(word + mark for word, mark in zip(words, [*between, ""], strict=True))


@given(
    slugs=st.lists(SLUGS, min_size=1, max_size=6, unique=True),
    which=st.integers(0, 5),
    marks=st.lists(st.sampled_from(SEPARATORS), max_size=4),
    upper=st.booleans(),
)
def test_no_spelling_of_a_known_name_means_another_system(
    slugs: list[tuple[str, ...]], which: int, marks: list[str], upper: bool
) -> None:
    words = slugs[which % len(slugs)]
    name = spelled(words, marks)
    found = read(book(*("-".join(slug) for slug in slugs)), name.upper() if upper else name)
    assert found == ("-".join(words), "")


@given(
    slugs=st.lists(SLUGS, min_size=1, max_size=6, unique=True),
    words=SLUGS,
    marks=st.lists(st.sampled_from(SEPARATORS), max_size=4),
)
def test_what_is_read_is_the_whole_name_and_the_longest_known_part(
    slugs: list[tuple[str, ...]], words: tuple[str, ...], marks: list[str]
) -> None:
    found = read(book(*("-".join(slug) for slug in slugs)), spelled(words, marks))
    if found is None:
        return
    slug, said = found
    assert sorted(respelled(f"{slug} {said}").split()) == sorted(words)
    longer = [s for s in slugs if words[: len(s)] == s and len(s) > slug.count("-") + 1]
    assert not longer


@given(st.text(max_size=30))
def test_spellings_of_one_name_are_equal_where_the_names_are(name: str) -> None:
    assert respelled(folded(name)) == respelled(respelled(name)) or "+" in name


@pytest.mark.parametrize(
    ("name", "known", "expected"),
    [
        ("Mystery-9_high", ["mystery-9"], ("Mystery-9", "high")),
        ("Mystery-9_high", ["mystery-9-high"], ("Mystery-9_high", "")),
        ("lab/Mystery-9_high", ["Mystery 9"], ("lab/Mystery-9", "high")),
        ("Mystery-9_low:16K", ["enigma"], ("Mystery-9", "low, 16K")),
        ("Mystery-9", ["enigma"], ("Mystery-9", "")),
    ],
)
def test_it_reads_a_name_for_the_system_that_it_is_said_to_mean(
    name: str, known: list[str], expected: tuple[str, str]
) -> None:
    assert reading(name, known) == expected
