"""What the columns of the hub's `external_benchmark_<name>.csv` files mean, file by file.

`BENCHMARKS` names the columns that are scores; a unit stands here where the column's own name or
the benchmark it is copied from gives it, since the cells give none but the percent sign.
"""

from __future__ import annotations

from typing import NamedTuple


class Column(NamedTuple):
    """A score column, and the columns of its standard error or of its 95% interval."""

    name: str
    unit: str = ""
    stderr: str = ""
    low: str = ""
    high: str = ""


def _plain(*names: str, unit: str = "") -> tuple[Column, ...]:
    return tuple(Column(name, unit) for name in names)


def _with_error(suffix: str, error: str, *names: str) -> tuple[Column, ...]:
    return tuple(Column(f"{name} {suffix}", stderr=f"{name} {error}") for name in names)


_LENGTHS = ("0", "400", "1k", "2k", "4k", "8k", "16k", "32k", "60k", "120k", "192k")
_GEOBENCH = tuple(
    Column(f"{place} {measure}", unit)
    for place in ("ACW", "AVW", "Rural", "Urban", "Photos")
    for measure, unit in (
        ("Country %", "percent"),
        ("Avg Score", ""),
        ("Median Score", ""),
        # One of the five columns is printed without its unit.
        ("Median Distance" if place == "Rural" else "Median Distance (km)", "km"),
        ("Refusal", "percent"),
    )
)

BENCHMARKS: dict[str, tuple[Column, ...]] = {
    "aider_polyglot": _plain(
        "Percent correct", "Percent using correct edit format", unit="percent"
    ),
    "anli": _plain("Score", "R1", "R2", "R3"),
    "arc_agi": _plain("Score"),
    "arc_ai2": _plain("Challenge score", "Easy score"),
    "balrog": _with_error(
        "progress",
        "Standard error",
        "Average",
        "BabyAI",
        "Crafter",
        "TextWorld",
        "BabalsAI",
        "MiniHack",
        "NetHack",
    ),
    "bbh": _plain("Average"),
    "boolq": _plain("Score"),
    "cadeval": (
        *_plain("Overall pass (%)", "SCAD Gen (%)", "Render (%)", "Chamfer Pass (%)"),
        *_plain("Haus. Pass", "Vol. Pass"),
        *_plain("Avg Chamfer (mm)", "Avg Haus. 95p (mm)", unit="mm"),
    ),
    "csqa2": _plain("Score"),
    "cybench": (
        *_plain("Unguided % Solved", "Subtask-Guided % Solved", "Subtasks % Solved"),
        *_plain(
            "Unguided most difficult task solved (minutes)",
            "Subtask-Guided most difficult task solved (minutes)",
            unit="minutes",
        ),
    ),
    "deepresearch": _plain("Average score"),
    "factorio_learning_environment": _plain(
        "Production score", "Lab Success %", "Milestones", "Automation"
    ),
    "fictionlivebench": _plain(*(f"{length} token score" for length in _LENGTHS)),
    "geobench": _GEOBENCH,
    "gsm8k": _plain("EM"),
    "gso_bench": _plain("Score OPT@1", "Score OPT@10"),
    "hellaswag": _plain("Overall accuracy"),
    "lambada": _plain("Score"),
    "lech_mazur_writing": _plain("Mean score"),
    "livebench": _plain(
        "Global average",
        "Reasoning average",
        "Coding average",
        "Mathematics average",
        "Data analysis average",
        "Language average",
        "IF Average",
    ),
    "mcbench": (Column("ELO", "elo"), Column("Win rate")),
    "metr": (
        Column("Time horizon", "minutes", low="CI_low", high="CI_high"),
        Column("average_score", "proportion"),
    ),
    "mmlu": _plain("EM"),
    "openbookqa": _plain("Accuracy"),
    "os_world": _plain("Score"),
    "osuniverse": _plain("Paper", "Wood", "Bronze", "Silver", "Gold", "Weighted Score"),
    "piqa": _plain("Score"),
    "scienceqa": _plain("Score"),
    "simple_bench": _plain("Score (AVG@5)"),
    "superglue": _plain("Score"),
    "terminal_bench": (Column("Accuracy mean", stderr="Accuracy SE"),),
    "the_agent_company": _plain("% Resolved", "% Score"),
    "triviaqa": _plain("EM"),
    "videomme": _plain(
        "Overall (no subtitles)",
        "Overall (with subtitles)",
        "Short videos (no subtitles)",
        "Short videos (with subtitles)",
        "Medium videos (no subtitles)",
        "Medium videos (with subtitles)",
        "Long videos (no subtitles)",
        "Long videos (with subtitles)",
    ),
    "vpct": _plain("Correct"),
    "weirdml": _plain("Accuracy"),
    "winogrande": _plain("Accuracy"),
}

# Where a row's system stands: the first of these that is not empty.
SYSTEM = ("Model version", "Name")
OTHER_SYSTEM = {
    "livebench": ("Model version", "id"),
    "os_world": ("Model version", "Agent"),
    "the_agent_company": ("Model version", "Model"),
}
IDS = ("UUID", "id", "ID")
DATES = ("Date added", "Date")
LINKS = ("Source link", "Source link (site from table)")
NOTES = ("Source", "Notes", "Notes (details)")
ITEMS = "Total tasks"
VOTES = "Votes"
ELICITATION = (
    "Shots",
    "Agent",
    "Scaffold",
    "Edit format",
    "Tools",
    "Frames",
    "Prompt",
    "LiveBench Version",
    "Environment model",
)
