"""Results posted a line each keep the numbers of their lines."""

from __future__ import annotations

import pytest

from evals.models import Score
from evals.services import imports, posted
from tests.evals.web.conftest import Token, line
from tests.evals.web.test_api import LINES, post, status
from tests.evals.web.test_api import no_hints as no_hints

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("names", "no_hints")]


@pytest.mark.parametrize("most", [256 << 10, 1])
def test_a_row_has_the_number_of_its_line_in_what_was_sent(
    token: Token, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    monkeypatch.setattr("evals.api.FEW", most)
    body = f"\ufeff\n{line()}\r\n \n{line(value=101)}\n\n{line(system='who')}\n\n"
    answer = post(token, body, LINES)
    if not posted.are_waiting():
        imports.run_import(answer.json()["import_run"])
    found = status(token, answer)
    assert {(r["outcome"], r["line"]) for r in found["reasons"]} == {("rejected", 4), ("held", 6)}
    assert found["read"] == 3 and Score.objects.get().line == 2
    bad = post(token, f"{line()}\n\n7\n\nx\n", LINES)
    assert [row["row"] for row in bad.json()["rows"]] == [3, 5]
