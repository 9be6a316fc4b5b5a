"""The saturation watch in sentences, one for every state that the engine can report."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.utils.formats import date_format

from baskets.engine.saturation import LIFECYCLES
from baskets.prose import watch_text
from baskets.prose.watch import doubt_name, lifecycle_name
from baskets.selectors.catalog import SystemName
from baskets.selectors.watch import EvalFacts, Full

DAY = dt.date(2026, 3, 5)
LOW, HIGH = dt.date(2026, 1, 1), dt.date(2026, 9, 1)


def system(name: str) -> SystemName:
    return SystemName(name.lower(), name, "Maker", "maker", "First", DAY)


def facts() -> EvalFacts:
    return EvalFacts(
        lifecycle="saturating", bounded=True, systems=9, frontier=system("Top"), points=97.0,
        stderr=1.6, headroom=3.0, discrimination=0.25, compared=(system("A"), system("B")),
        recent=8, at_ceiling=0.375, at_frontier=0.5,
        reasons=("frontier-at-ceiling", "quarter-at-ceiling"),
        full=Full(DAY, LOW, HIGH, None, 4),
    )  # fmt: skip


def full(**changes: Any) -> str:
    return watch_text(replace(facts(), full=replace(facts().full, **changes))).full


def test_it_says_what_a_stage_means_and_which_criteria_hold() -> None:
    said = watch_text(facts()).lifecycle
    assert said.startswith("Saturating: the newest basket counts it")
    assert "within two standard errors of the ceiling." in said
    assert "38% of the systems of the last 18 months" in said


@pytest.mark.parametrize("stage", LIFECYCLES)
def test_it_has_a_sentence_for_every_stage_of_the_engine(stage: str) -> None:
    said = watch_text(replace(facts(), lifecycle=stage, reasons=())).lifecycle
    assert said.lower().startswith(f"{lifecycle_name(stage)}: ")


def test_it_states_the_headroom_with_the_error() -> None:
    said = watch_text(facts()).headroom
    assert said == "3.0 points: the frontier, Top, stands at 97.0 (standard error 1.6)."


def test_it_says_that_a_milestone_was_passed() -> None:
    beyond = replace(facts(), bounded=False, headroom=-12.0, points=112.0)
    assert "beyond the milestone of 100" in watch_text(beyond).headroom


def test_it_says_that_nobody_was_measured() -> None:
    nobody = replace(facts(), frontier=None, headroom=None, discrimination=None)
    assert watch_text(nobody).headroom == "No system has been measured on it."
    assert "Fewer than two" in watch_text(nobody).discrimination


def test_it_names_the_systems_that_were_compared() -> None:
    said = watch_text(facts()).discrimination
    assert "25% of the pairs among the newest 2 frontier systems" in said
    assert said.endswith("A and B.")


def test_it_states_a_date_with_its_interval_open_or_closed() -> None:
    day, low, high = map(date_format, (DAY, LOW, HIGH))
    assert full() == f"By the fitted trend {day} (95% interval {low} to {high}), from 4 steps."
    assert f"(95% interval from {low}, open at the end)" in full(high=None)
    assert f"(95% interval up to {high})" in full(low=None)
    assert "open at both ends" in full(low=None, high=None)
    assert full(reason="reached").startswith(f"Reached on {day}")


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("too-few-steps", "fewer than three times"),
        ("no-growth", "does not rise"),
        ("too-far", "more than 50 years"),
    ],
)
def test_it_says_why_there_is_no_date(reason: str, words: str) -> None:
    assert words in full(on=None, reason=reason)


def test_it_names_every_doubt_in_words() -> None:
    assert doubt_name("self-reported") == "reported only by developers"
    assert doubt_name("contaminated") == "contaminated"
