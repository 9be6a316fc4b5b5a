"""Which system or eval a name means, and what of it says only how the system was run."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from evals.models import Alias, HeldRow, Score, System
from evals.records import ScoreRecord
from evals.services.names import NameBook
from evals.services.sorting import completed
from evals.services.suffixes import splits
from tests.evals.conftest import counts, imported
from tests.evals.tables import score, write


@pytest.mark.parametrize(
    ("name", "rest", "taken"),
    [
        ("o3_high", "o3", "high"),
        ("o3-high", "o3", "high"),
        ("o3 (high)", "o3", "high"),
        ("o3 (high, no tools)", "o3", "high, no tools"),
        ("claude-3-7-sonnet_16K", "claude-3-7-sonnet", "16K"),
        ("x:thinking", "x", "thinking"),
        ("gpt-5-xhigh", "gpt-5", "xhigh"),
        ("gpt-5@low", "gpt-5", "low"),
        ("gpt-5 max effort", "gpt-5", "max effort"),
        ("claude-opus-4-5-thinking-16k", "claude-opus-4-5", "thinking-16k"),
        ("grok-4-fast-non-reasoning", "grok-4-fast", "non-reasoning"),
        ("grok-4 + tools", "grok-4", "+ tools"),
        ("Claude Opus 4.5 (Inspect)", "Claude Opus 4.5", "Inspect"),
    ],
)
def test_it_takes_off_what_says_how_a_system_was_run(name: str, rest: str, taken: str) -> None:
    assert next(splits(name)) == (rest, taken)


def test_it_takes_off_one_suffix_after_the_other() -> None:
    assert list(splits("x_low:16K")) == [("x_low", "16K"), ("x", "low, 16K")]


@pytest.mark.parametrize(
    "name",
    ["gpt-4o-2024-05-13", "Qwen3-Max", "Kimi-K2-Thinking", "gpt-4-32k", "Mistral Medium", "high"],
)
def test_it_takes_nothing_off_that_may_tell_systems_apart(name: str) -> None:
    assert list(splits(name)) == []


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize(
    ("name", "elicitation"),
    [
        ("gpt-4o", "pass@1"),
        ("openai/gpt-4o", "pass@1"),
        ("OpenAI/GPT-4o_high", "pass@1; high"),
        ("gpt-4o-2024-05-13_16K", "pass@1; 16K"),
        ("GPT-4o (no tools)", "pass@1; no tools"),
    ],
)
def test_it_puts_into_the_elicitation_what_a_name_says_more(
    tmp_path: Path, name: str, elicitation: str
) -> None:
    Alias.objects.create(name="gpt-4o-2024-05-13", system=System.objects.get())
    assert counts(imported(write(tmp_path / "a.csv", [score(system=name)]))) == (1, 1, 0, 0, 0)
    assert Score.objects.get().elicitation == elicitation


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize("name", ["azure/gpt-4o", "gpt-4o-2024-08-06", "gpt-4_high", "gpt-4o-mini"])
def test_it_holds_what_only_looks_like_a_known_name(tmp_path: Path, name: str) -> None:
    assert counts(imported(write(tmp_path / "a.csv", [score(system=name)]))) == (1, 0, 0, 1, 0)
    assert HeldRow.objects.get().system_name == name


@pytest.mark.usefixtures("names")
def test_it_prefers_a_name_that_is_known_whole(tmp_path: Path) -> None:
    known = System.objects.get()
    other = System.objects.create(
        slug="gpt-4o-high",
        name="GPT-4o high",
        developer=known.developer,
        generation=known.generation,
        released_on=known.released_on,
    )
    found = NameBook.load().system("GPT-4o-HIGH")
    assert found is not None
    assert (found.target, found.elicitation) == (other, "")


@pytest.mark.parametrize(
    ("said", "extra", "whole"),
    [
        ("tools allowed", "low", "tools allowed; low"),
        ("Low effort, tools", "low", "Low effort, tools"),
        ("pass@1; 16K", "16k", "pass@1; 16K"),
        ("", "high", "high"),
    ],
)
def test_it_adds_what_the_elicitation_has_not_as_a_word(said: str, extra: str, whole: str) -> None:
    record = ScoreRecord(
        line=2,
        system="gpt-4o",
        eval="gpqa-diamond",
        value=50.0,
        observed_on=dt.date(2026, 3, 1),
        reported_by="third_party",
        elicitation=said,
    )
    assert completed(record, extra).elicitation == whole
