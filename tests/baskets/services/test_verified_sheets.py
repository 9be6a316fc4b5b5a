"""The stored sheets are checked against the bundle, cells and replicates."""

from __future__ import annotations

import json
import zlib

from django.db import connections

from baskets.models import Release, Sheet
from baskets.sheets import unpacked_cells
from tests.baskets.services.altering import altered, checked
from tests.baskets.services.altering import on_own_clone as on_own_clone
from tests.baskets.services.altering import own_clone as own_clone


def newest_sheet() -> Sheet:
    """The sheet of a system with replicates, in the newest release."""
    found = Sheet.objects.filter(release__number=Release.objects.count(), system__slug="gpt-5")
    return found.select_related("release", "system").get()


def test_it_names_the_sheet_whose_cell_was_changed() -> None:
    sheet = newest_sheet()
    cells = unpacked_cells(bytes(sheet.cells))
    cells["cells"][0][1] += 1e-6
    packed = zlib.compress(json.dumps(cells).encode())
    with altered("baskets_sheet", sheet.pk, cells=packed):
        (said,) = checked(sheet.release.number, quick=True).differences
    assert said.startswith("sheets: gpt-5.cells[0][1]: ")


def test_it_sees_replicates_that_do_not_have_the_sealed_interval() -> None:
    sheet = newest_sheet()
    drawn = bytes(sheet.replicates)
    with altered("baskets_sheet", sheet.pk, replicates=bytes(len(drawn))):
        said = checked(sheet.release.number, quick=True).differences
    assert "sheets: gpt-5, headline: its replicates have another interval" in said


def test_it_draws_replicates_again_and_sees_two_that_were_exchanged() -> None:
    sheet = newest_sheet()
    drawn = bytes(sheet.replicates)
    exchanged = drawn[2:4] + drawn[:2] + drawn[4:]
    with altered("baskets_sheet", sheet.pk, replicates=exchanged):
        assert checked(sheet.release.number, quick=True).good
        (said,) = checked(sheet.release.number, quick=False).differences
    assert said == "sheets: gpt-5, headline: other replicates than are drawn"


def test_it_sees_a_sheet_that_cannot_be_read() -> None:
    sheet = newest_sheet()
    with altered("baskets_sheet", sheet.pk, replicates=bytes(sheet.replicates)[:-2]):
        (said,) = checked(sheet.release.number, quick=True).differences
    assert said.startswith("sheets: gpt-5: it cannot be read: ")


def test_it_sees_a_sheet_of_another_system() -> None:
    sheet = Sheet.objects.get(release__number=1, system__slug="gpt-4o")
    unknown = Sheet.objects.latest("system_id").system_id
    with altered("baskets_sheet", sheet.pk, system_id=unknown):
        said = checked(1, quick=True).differences
    assert "sheets: gpt-4o: in the bundle, not in the table" in said
    assert any(line.endswith(": in the table, not in the bundle") for line in said)


def test_it_says_that_a_release_was_made_before_sheets() -> None:
    with connections["owner"].cursor() as cursor:
        first = [Release.objects.get(number=1).pk]
        cursor.execute("DELETE FROM baskets_sheet WHERE release_id = %s", first)
        frame = "DELETE FROM baskets_analysis WHERE kind = 'frame' AND release_id = %s"
        cursor.execute(frame, first)
    outcome = checked(1, quick=True)
    assert outcome.good
    assert "sheets: made before sheets; its systems have none" in outcome.not_rebuilt
