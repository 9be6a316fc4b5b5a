"""Doubts about evals that a file declares or a person raises."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from evals.models import Flag
from evals.records import FlagRecord
from evals.services.declared import declare_flag
from tests.evals.conftest import imported
from tests.evals.tables import write

HEADER = "eval,kind,since,reason,source_url"
LINE = "gpqa-diamond,disputed,2026-02-03,Wrong keys.,https://example.org/audit"
DISPUTED = FlagRecord(
    line=2, eval="gpqa-diamond", kind="disputed", since=dt.date(2026, 2, 3), reason="Wrong keys."
)


def test_the_shipped_catalog_raises_its_flags(catalog_db: None) -> None:
    raised = {(flag.eval.slug, flag.kind) for flag in Flag.objects.select_related("eval")}
    assert ("swe-bench-verified", "contaminated") in raised
    assert ("swe-bench-verified", "disputed") in raised
    assert all(flag.reason and flag.source_url for flag in Flag.objects.all())


@pytest.mark.usefixtures("names")
def test_it_adds_a_flag_once(tmp_path: Path) -> None:
    write(tmp_path / "flags.csv", [LINE], header=HEADER)
    for _ in range(2):
        assert imported(tmp_path).rejected == 0
    flag = Flag.objects.get()
    assert (flag.eval.slug, flag.kind, flag.raised) == ("gpqa-diamond", "disputed", True)
    assert (flag.since, flag.source_url) == (dt.date(2026, 2, 3), "https://example.org/audit")


@pytest.mark.usefixtures("names")
@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("nobody,disputed,2026-02-03,R,", "flags.csv, line 2: the eval 'nobody' is not known"),
        (
            "gpqa-diamond,odd,2026-02-03,R,",
            "flags.csv, line 2: kind 'odd' is none of contaminated, disputed",
        ),
        ("gpqa-diamond,disputed,2026-02-03,,", "flags.csv, line 2: reason is empty"),
        (
            "gpqa-diamond,disputed,2026-02-03,R,not an address",
            "flags.csv, line 2: source_url: Enter a valid URL.",
        ),
    ],
)
def test_it_rejects_a_flag_it_cannot_place(tmp_path: Path, line: str, reason: str) -> None:
    write(tmp_path / "flags.csv", [line], header=HEADER)
    run = imported(tmp_path)
    assert (run.read, run.rejected) == (1, 1)
    assert run.rejections.get().reason == reason
    assert not Flag.objects.exists()


@pytest.mark.usefixtures("names")
def test_it_does_not_raise_again_what_was_cleared() -> None:
    declare_flag(DISPUTED)
    raised = Flag.objects.get()
    Flag.objects.create(
        eval=raised.eval, kind="disputed", raised=False, since=raised.since, reason="Mended."
    )
    declare_flag(DISPUTED)
    assert not Flag.objects.latest("id").raised
