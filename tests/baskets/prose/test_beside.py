"""The line beside a value has only the measures that exist."""

from __future__ import annotations

import pytest

from baskets.prose import beside
from baskets.prose.listing import listed
from baskets.selectors.analyses import Analyses


def analyses(
    core: float | None, median: float | None, band: tuple[float, float] | None
) -> Analyses:
    place = {"series": "safety", "system": "one"}
    contents: dict[str, dict[str, object]] = {
        "core": {"rows": [{**place, "core": core, "median": median}]}
    }
    if band:
        row = {**place, "low_on_scale": band[0], "high_on_scale": band[1]}
        contents["sensitivity"] = {"bands": [row]}
    return Analyses(contents)


@pytest.mark.parametrize(
    ("found", "line"),
    [
        (
            analyses(119.6, 121.2, (98.7, 140.1)),
            "Without flagged evals 120; weighted median 121; under other defensible weights "
            "99–140.",
        ),
        (analyses(119.6, 121.2, None), "Without flagged evals 120; weighted median 121."),
        (
            analyses(None, 121.2, (98.7, 140.1)),
            "Weighted median 121; under other defensible weights 99–140.",
        ),
        (analyses(None, 121.2, None), "Weighted median 121."),
        (analyses(None, None, (98.7, 140.1)), "Under other defensible weights 99–140."),
        (analyses(None, None, None), ""),
        (Analyses(), ""),
    ],
)
def test_it_has_what_the_release_recorded_and_no_more(found: Analyses, line: str) -> None:
    assert beside(found, "safety", "one") == line


def test_it_says_nothing_of_another_system() -> None:
    assert beside(analyses(1.0, 2.0, None), "safety", "two") == ""


def test_a_list_reads_as_a_sentence() -> None:
    assert [listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"]), listed([])] == [
        "a", "a and b", "a, b and c", "",
    ]  # fmt: skip
