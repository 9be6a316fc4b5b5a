"""Every subdomain of the shipped catalog can be translated."""

from __future__ import annotations

import csv
from pathlib import Path

from evals import subjects

CATALOG = Path(subjects.__file__).parent / "catalog" / "evals.csv"


def test_it_names_every_subdomain_of_the_catalog() -> None:
    with CATALOG.open(encoding="utf-8") as file:
        shipped = {row["subdomain"] for row in csv.DictReader(file)}
    assert shipped
    assert shipped <= subjects.SUBDOMAINS


def test_it_leaves_an_unknown_name_as_it_is() -> None:
    assert subjects.subdomain_name("underwater basket weaving") == "underwater basket weaving"
    assert subjects.subdomain_name("") == ""
