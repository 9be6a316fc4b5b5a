"""Things found by what people type."""

from __future__ import annotations

import pytest

from baskets.matching import LONGEST, Entry, Table, folded

ENTRIES = [
    Entry("system", "gpt-5", ("GPT-5", "gpt-5"), ("OpenAI",), -3),
    Entry("system", "gpt-5.2", ("GPT-5.2", "gpt-5.2"), ("OpenAI",), -4),
    Entry("system", "claude-opus-4.5", ("Claude Opus 4.5", "opus-4-5-20251101"), ("Anthropic",)),
    Entry("eval", "gpqa-diamond", ("GPQA Diamond", "gpqa-diamond"), ("capability", "science")),
    Entry("eval", "swe-bench", ("SWE-bench Verified",), ("capability",)),
    Entry("developer", "mistral-ai", ("Mistral AI",)),
    Entry("developer", "moonshot-ai", ("Moonshot AI",)),
    Entry("eval", "élan", ("Élan vital",)),
    Entry("system", "通义", ("通义千问 3",)),
]
TABLE = Table(ENTRIES)


def keys(query: str) -> list[str]:
    return [entry.key for entry in TABLE.find(query, most=10)]


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("gpt5", "gpt-5"),
        ("GPT 5", "gpt-5"),
        ("gpt-5.2", "gpt-5.2"),
        ("opus", "claude-opus-4.5"),
        ("claude 4.5", "claude-opus-4.5"),
        ("claudeopus45", "claude-opus-4.5"),
        ("opus 20251101", "claude-opus-4.5"),
        ("science", "gpqa-diamond"),
        ("elan", "élan"),
        ("千问", "通义"),
        ("ÉLAN", "élan"),
    ],
)
def test_it_finds_a_thing_by_name_alias_or_part(query: str, key: str) -> None:
    assert keys(query)[0] == key


@pytest.mark.parametrize(
    ("query", "key"),
    [
        ("calude", "claude-opus-4.5"),
        ("claud opus", "claude-opus-4.5"),
        ("antropic", "claude-opus-4.5"),
        ("diamnod", "gpqa-diamond"),
        ("mistrall", "mistral-ai"),
        ("verifeid", "swe-bench"),
    ],
)
def test_it_forgives_a_slip(query: str, key: str) -> None:
    assert keys(query)[0] == key


@pytest.mark.parametrize("query", ["", "  ", "?!", "_", "xyzzy plugh", "gqt", "zzzzzz"])
def test_it_finds_nothing_where_nothing_fits(query: str) -> None:
    assert keys(query) == []


def test_it_puts_an_exact_name_before_a_longer_one() -> None:
    assert keys("gpt-5") == ["gpt-5", "gpt-5.2"]


def test_it_orders_equal_fits_by_rank() -> None:
    assert keys("openai")[:2] == ["gpt-5.2", "gpt-5"]


def test_it_finds_only_the_kinds_that_are_asked_for() -> None:
    found = TABLE.find("ai", most=10, kinds=("developer",))
    assert {entry.kind for entry in found} == {"developer"}


def test_it_folds_case_accents_and_width() -> None:
    assert folded("ÉＬan") == "elan"


def test_it_reads_only_the_beginning_of_a_long_query() -> None:
    many = [Entry("system", str(n), (f"Name{n} {n % 10}.{n % 7} Pro",)) for n in range(600)]
    table, query = Table(many), "name4 pro " + "words that are not there " * 5
    found = table.find(query * 5, most=10)
    assert found == table.find(query[:LONGEST], most=10)
