"""The table of what moved, and what its rows open into."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from baskets.charts.words import signed
from baskets.models import Release, Revision
from baskets.selectors.release_pages import release_page
from baskets.selectors.revised import KINDS

pytestmark = pytest.mark.usefixtures("catalog_db")


def number_with_most_terms() -> int:
    """The release whose largest revision has most terms."""
    rows = Revision.objects.filter(series="capability").select_related("release")
    acting = {
        row.release.number: sum(abs(term["points"]) >= 0.0005 for term in row.terms)
        for row in rows.order_by("release__number")
    }
    return max(acting, key=lambda number: (acting[number], number))


def test_its_terms_sum_to_the_move_of_every_row() -> None:
    page = release_page(number_with_most_terms())
    assert page is not None
    assert page.explained
    explained = [(move, why) for move, why in page.explanations if why]
    assert explained
    for move, why in explained:
        assert tuple(term.kind for term in why.terms) == KINDS
        assert move.move == pytest.approx(sum(term.points for term in why.terms), abs=1e-5)


def test_its_evals_sum_to_their_term() -> None:
    page = release_page(number_with_most_terms())
    assert page is not None
    terms = [term for _move, why in page.explanations if why for term in why.acting if term.evals]
    assert terms
    for term in terms:
        whole = sum(part.points for part in term.evals) + term.rest
        assert whole == pytest.approx(term.points, abs=0.05)


def test_it_prints_the_terms_beside_the_move(client: Client) -> None:
    number = number_with_most_terms()
    page = release_page(number)
    assert page is not None
    html = client.get(f"/releases/{number}/").content.decode()
    table = html.split('id="moved"')[1].split("</table>")[0]
    move, why = page.explanations[0]
    assert why is not None
    assert f">{move.system.name}</a>" in table
    row = re.split(r"<tbody>", table)[1]
    for term in why.acting:
        assert f"{signed(term.points)}</td>" in row
        assert f"{signed(term.points, 2)}</h3>" in row


def test_it_opens_every_explained_row(client: Client) -> None:
    number = number_with_most_terms()
    page = release_page(number)
    assert page is not None
    html = client.get(f"/releases/{number}/").content.decode()
    section = html.split('id="moved"')[1].split("</section>")[0]
    opened = sum(1 for _move, why in page.explanations if why and why.acting)
    assert section.count('<tr class="opens">') == opened > 0


def test_it_says_where_a_release_has_no_terms(client: Client) -> None:
    release = Release.objects.defer("bundle").earliest("number")
    html = client.get(f"/releases/{release.number}/").content.decode()
    assert 'id="moved"' not in html
    page = release_page(release.number)
    assert page is not None
    assert not page.explained
