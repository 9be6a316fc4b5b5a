"""The lists of systems and evals: every filter, every order, pages and CSV."""

from __future__ import annotations

import csv
import io
from urllib.parse import urlencode

import pytest
from django.test import Client, RequestFactory

from baskets.models import Analysis, IndexPoint
from baskets.selectors import eval_list, releases
from baskets.selectors import systems as system_list
from baskets.selectors.analyses import analyses_of
from baskets.views import lists, page
from evals.models import Alias, Eval, Score, System
from tests.baskets.pages.markup import read

pytestmark = pytest.mark.usefixtures("catalog_db")


def rows(client: Client, name: str, **query: str) -> list[dict[str, str]]:
    """The rows of a list's CSV."""
    answer = client.get(f"/{name}.csv", query)
    assert answer.status_code == 200, answer.content
    return list(csv.DictReader(io.StringIO(answer.content.decode())))


def slugs(client: Client, name: str, **query: str) -> set[str]:
    return {row["slug"] for row in rows(client, name, **query)}


def test_it_lists_every_system_and_every_eval(client: Client) -> None:
    assert len(slugs(client, "systems")) == System.objects.count()
    assert len(slugs(client, "evals")) == Eval.objects.count()


@pytest.mark.parametrize("sort", system_list.SORTS)
def test_it_sorts_systems_both_ways_with_empty_values_last(client: Client, sort: str) -> None:
    column = {"released": "released_on"}.get(
        sort, f"{sort}_value" if sort in system_list.SERIES else sort
    )
    numeric = sort in system_list.SERIES or sort == "scores"
    for sign in ("", "-"):
        found = [row[column] for row in rows(client, "systems", sort=sign + sort)]
        given = [cell for cell in found if cell]
        keys = [float(cell) if numeric else cell.lower() for cell in given]
        assert found[: len(given)] == given
        assert keys == sorted(keys, reverse=bool(sign))


@pytest.mark.parametrize("sort", ["name", "weight", "systems", "headroom"])
def test_it_sorts_evals_both_ways_with_empty_values_last(client: Client, sort: str) -> None:
    column = {"weight": "share"}.get(sort, sort)
    for sign in ("", "-"):
        found = [row[column] for row in rows(client, "evals", sort=sign + sort)]
        given = [cell for cell in found if cell]
        keys = [cell.lower() if sort == "name" else float(cell) for cell in given]
        assert found[: len(given)] == given
        assert keys == sorted(keys, reverse=bool(sign))


@pytest.mark.parametrize("more", [{}, {"release": "14"}, {"as_of": "2026-05-31"}])
def test_it_measures_headroom_as_the_watch_does(client: Client, more: dict[str, str]) -> None:
    """On the goalposts of the last version that counted the eval, be it retired since."""
    shown = page.shown(RequestFactory().get("/evals/", more))
    assert shown.release is not None
    watch = analyses_of(shown.release, Analysis.Kind.WATCH).watch
    found = {row["slug"]: row["headroom"] for row in rows(client, "evals", **more)}
    listed = {slug: float(found[slug]) for slug in watch if found[slug]}
    assert "swe-bench-verified" in listed and len(listed) > 20
    assert listed == pytest.approx({slug: watch[slug]["headroom"] for slug in listed}, abs=1e-6)


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ({"developer": "anthropic"}, {"developer__slug": "anthropic"}),
        ({"generation": "GPT-5"}, {"generation__name": "GPT-5"}),
        ({"since": "2025-01-01", "until": "2025-06-30"},
         {"released_on__range": ("2025-01-01", "2025-06-30")}),
        ({"q": "opus 4.5"}, {"name__icontains": "opus 4.5"}),
    ],
)  # fmt: skip
def test_it_filters_systems(client: Client, query: dict[str, str], wanted: dict[str, str]) -> None:
    expected = set(System.objects.filter(**wanted).values_list("slug", flat=True))
    assert expected
    assert slugs(client, "systems", **query) == expected


def test_it_filters_systems_by_status_and_domain(client: Client) -> None:
    points = IndexPoint.objects.filter(release=releases.current(), on_official_version=True,
                                       series="safety")  # fmt: skip
    safe = set(points.values_list("system__slug", flat=True))
    official = set(points.filter(official=True).values_list("system__slug", flat=True))
    assert slugs(client, "systems", domain="safety") == safe
    assert slugs(client, "systems", domain="safety", status="official") == official
    assert slugs(client, "systems", domain="safety", status="provisional") == safe - official
    assert not slugs(client, "systems", domain="safety", status="unmeasured") & safe
    parts = [slugs(client, "systems", status=status) for status in system_list.STATUSES]
    assert sum(map(len, parts)) == System.objects.count() == len(set.union(*parts))


def test_it_finds_a_system_by_its_alias(client: Client) -> None:
    Alias.objects.create(name="Zanzibar 9", system=System.objects.get(slug="gpt-5"))
    assert slugs(client, "systems", q="zanzibar") == {"gpt-5"}


@pytest.mark.parametrize("domain", ["capability", "safety", "alignment"])
def test_it_filters_evals_by_domain_and_subdomain(client: Client, domain: str) -> None:
    of_domain = Eval.objects.filter(domain__slug=domain)
    subdomain = eval_list.subdomains(domain)[0]
    assert slugs(client, "evals", domain=domain) == {item.slug for item in of_domain}
    expected = {item.slug for item in of_domain.filter(subdomain=subdomain)}
    assert slugs(client, "evals", domain=domain, subdomain=subdomain) == expected


def test_it_takes_the_same_scores_from_sheets_as_from_the_bundle(client: Client) -> None:
    release = releases.current()
    assert release is not None
    found: dict[str, list[float]] = {}
    for row in releases.bundle(release)["problem"]["scores"]:
        found.setdefault(row["eval"], []).append(row["value"])
    wanted = {name: (len(values), min(values), max(values)) for name, values in found.items()}
    assert eval_list.taken(release.pk) == wanted


def test_it_parts_evals_by_weight_and_by_lifecycle(client: Client) -> None:
    every = slugs(client, "evals")
    counted = slugs(client, "evals", counted="yes")
    assert counted and slugs(client, "evals", counted="no") == every - counted
    stages = [slugs(client, "evals", lifecycle=stage) for stage in eval_list.LIFECYCLES]
    assert set.union(*stages) == every and sum(map(len, stages)) == len(every)
    assert stages[1] | stages[2] == counted


def test_it_counts_what_was_known_on_a_date(client: Client) -> None:
    day = "2025-09-15"
    for row in rows(client, "systems", as_of=day, developer="openai"):
        scores = Score.objects.filter(system__slug=row["slug"], observed_on__lte=day)
        assert int(row["scores"]) == scores.count()


def test_it_shows_a_long_list_in_pages_without_a_gap(client: Client) -> None:
    seen: list[str] = []
    for number in ("1", "2"):
        html = client.get("/systems/", {"sort": "name", "page": number}).content.decode()
        links = [link for link in read(html).links if link.startswith("/systems/")]
        seen += [link for link in links if link.count("/") == 3 and len(link) > 9]
    assert len(seen) == len(set(seen)) == System.objects.count()
    assert client.get("/systems/?page=3").status_code == 404


def test_it_keeps_the_filters_from_page_to_page(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "PER_PAGE", 5)
    query = {"developer": "openai", "sort": "name", "as_of": "2025-09-15"}
    html = client.get("/systems/", query).content.decode()
    nav = html.split('<nav class="pages"')[1].split("</nav>")[0].replace("&amp;", "&")
    assert f'href="?{urlencode(query)}&page=2"' in nav


def test_it_says_how_many_there_are_and_clears_the_filters(client: Client) -> None:
    html = client.get("/evals/?domain=safety").content.decode()
    count = Eval.objects.filter(domain__slug="safety").count()
    assert f"Evals 1 to {count} of {count}." in html
    assert '<a href="/evals/">Clear filters</a>' in html
    assert "Clear filters" not in client.get("/evals/").content.decode()


@pytest.mark.parametrize(
    "address", ["/systems/?q=zzzz", "/evals/?q=zzzz", "/systems/?developer=openai&generation=no"]
)
def test_it_says_so_where_nothing_matches(client: Client, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 200
    assert "matches</h2>" in answer.content.decode()


@pytest.mark.parametrize(
    "address",
    ["/systems/?page=0", "/systems/?page=x", "/systems/?since=soon", "/evals/?lifecycle=dead",
     "/systems.csv?domain=beauty", "/evals/?q=%00"],
)  # fmt: skip
def test_it_answers_a_bad_address_plainly(client: Client, address: str) -> None:
    assert client.get(address).status_code == 400
