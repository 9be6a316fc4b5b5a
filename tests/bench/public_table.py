"""A published score table with held-out cells, and how far the fill misses them.

The table is not part of the project; where it is missing there is nothing to measure.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from baskets.engine.crossvalidate import choose
from baskets.engine.kin import Kin
from baskets.engine.predict import predict
from baskets.engine.response import Array, Cells

PATH = Path(__file__).parents[3] / "shared" / "epoch" / "scores.csv"
# Root mean square error of the public item-response fit on each split, from the table's notes.
PUBLIC = (0.0983, 0.1086, 0.0981, 0.1101, 0.0933)
# The table names models, not who made them; most families go by their first letters.
MAKERS = {
    "openai": ("o", "gpt", "davinci", "text", "code", "chatgpt", "codex"),
    "google": ("gemini", "gemma", "palm"),
    "mistral": ("mistral", "mixtral", "open", "ministral", "codestral", "magistral"),
    "qwen": ("qwen", "qwq"),
}


@dataclass(frozen=True)
class PublicTable:
    """Cells, names of rows and columns, kin of the rows, and the held-out cells (5, n)."""

    cells: Cells
    systems: list[str]
    evals: list[str]
    kin: Kin
    held_out: Array


def read() -> PublicTable:
    """The table, in the order of its file."""
    with PATH.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    systems = sorted({row["model"] for row in rows})
    evals = sorted({row["benchmark"] for row in rows})
    day = {row["model"]: date.fromisoformat(row["model_release_date"]) for row in rows}
    cells = Cells(
        system=np.array([systems.index(row["model"]) for row in rows], dtype=np.intp),
        eval=np.array([evals.index(row["benchmark"]) for row in rows], dtype=np.intp),
        y=np.clip([float(row["performance"]) for row in rows], 0.0, 1.0),
        n_systems=len(systems),
        n_evals=len(evals),
    )
    kin = Kin.of([_maker(name) for name in systems], [day[name].toordinal() for name in systems])
    held = [[row[f"held_out_{n}"] == "1" for row in rows] for n in range(len(PUBLIC))]
    return PublicTable(cells, systems, evals, kin, np.array(held, dtype=np.float64))


def _maker(name: str) -> str:
    found = re.match(r"[A-Za-z]+", name.split("/")[-1])
    family = found.group(0).lower() if found else name
    return next((maker for maker, families in MAKERS.items() if family in families), family)


def held_out_error(table: PublicTable, split: int) -> float:
    """Root mean square error, as a share, on the cells that a split holds out of the fit."""
    out, cells = table.held_out[split] > 0, table.cells
    seen = Cells(
        cells.system[~out], cells.eval[~out], cells.y[~out], cells.n_systems, cells.n_evals
    )
    chosen = choose(seen, table.systems, table.evals, table.kin)
    predicted = predict(seen, chosen, table.kin).points / 100
    miss = cells.y[out] - predicted[cells.system[out], cells.eval[out]]
    return float(np.sqrt(np.mean(miss**2)))
