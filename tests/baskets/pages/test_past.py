"""Nothing that became known after the date shows on it: menus, counts, files and sources."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re

import pytest
from django.test import Client

from baskets.models import Basket, BasketVersion, Release, Weight
from evals.models import Developer, Domain, Eval, Generation, ImportRun, Score, Source, System
from tests.baskets.pages.markup import read

pytestmark = pytest.mark.usefixtures("catalog_db")

DAY = dt.date(2025, 9, 15)


@pytest.fixture
def later(catalog_db: None) -> None:
    """A developer, a generation and a subdomain of which nobody knew on the day."""
    domain = Domain.objects.get(slug="safety")
    Eval.objects.create(
        slug="late-eval", name="Late eval", domain=domain, subdomain="late part",
        unit="%", lower=0, upper=100, released_on=dt.date(2026, 6, 1),
    )  # fmt: skip
    makers = (
        Developer.objects.create(slug="late-lab", name="Late Lab"),
        Developer.objects.get(slug="openai"),
    )
    for maker in makers:
        family = Generation.objects.create(developer=maker, name="Late family")
        slug = f"late-of-{maker.slug}"
        System.objects.create(slug=slug, name=slug, developer=maker, generation=family,
                              released_on=dt.date(2026, 6, 1))  # fmt: skip


@pytest.mark.usefixtures("later")
@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("/systems/", "Late Lab"),
        ("/systems/?developer=openai", "Late family"),
        ("/evals/?domain=safety", "late part"),
    ],
)
def test_its_filters_offer_only_what_was_known(client: Client, address: str, said: str) -> None:
    def selects(more: str) -> str:
        mark = "&" if "?" in address else "?"
        html = client.get(address + mark + more).content.decode()
        return " ".join(re.findall(r"<select.*?</select>", html, re.DOTALL)).casefold()

    assert said.casefold() in selects("")
    for more in (f"as_of={DAY}", "release=9"):
        found = selects(more)
        assert found and said.casefold() not in found


@pytest.mark.usefixtures("later")
def test_its_search_counts_the_systems_that_were_known(client: Client) -> None:
    known = System.objects.filter(developer__slug="openai")
    then = known.filter(released_on__lte=DAY) | known.filter(scores__observed_on__lte=DAY)

    def detail(more: str = "") -> str:
        answer = client.get(f"/search.json?q=openai&kind=developer{more}").json()
        return str(answer["results"][0]["detail"])

    assert detail() == f"Developer; systems: {known.count()}"
    assert detail(f"&as_of={DAY}") == f"Developer; systems: {then.distinct().count()}"
    assert detail() != detail(f"&as_of={DAY}")


def test_it_tells_no_date_on_which_a_measured_system_came_out_later(client: Client) -> None:
    """Scores of GPT-6.1 Sol were published in July 2026, before it came out in September."""
    for address in ("/systems/?q=6.1", "/systems/gpt-6.1-sol/?", "/search/?q=gpt-6.1"):
        now = client.get(address).content.decode()
        then = client.get(f"{address}&as_of=2026-08-15").content.decode()
        main = re.sub(r"<[^>]+>", "", then.split("<main")[1].split("</main>")[0])
        assert "Sep 2026" in now or "September 2026" in now
        assert "GPT-6.1 Sol" in main and "Sep 2026" not in main and "September" not in main


def own_basket() -> Basket:
    """Another basket whose first version has the number of one of the official basket's."""
    official = Release.objects.filter(basket__slug="agi").latest("number")
    own = Basket.objects.create(slug="own", name="Own weights", base=official.basket.base)
    version = BasketVersion.objects.create(
        basket=own, number=1, effective_on=dt.date(2026, 1, 1), author="A", approver="B"
    )
    Weight.objects.create(version=version, eval=Eval.objects.get(slug="gpqa-diamond"), weight=1.0,
                          selection="best", owner="A", rationale="a test")  # fmt: skip
    BasketVersion.objects.filter(pk=version.pk).update(published_at=dt.datetime.now(dt.UTC))
    changes = [{"version": 1, "effective_on": "2026-01-01"}]
    copy = Release.objects.get(pk=official.pk)
    copy.pk, copy.basket, copy.number = None, own, 1
    copy.vintage_on, copy.reconstructed = official.vintage_on, False
    copy.summary = {**official.summary, "basket_changes": changes}
    copy.save(force_insert=True)
    return own


def test_its_weights_are_those_of_each_baskets_own_release(client: Client) -> None:
    own_basket()

    def baskets(more: str) -> set[str]:
        body = client.get(f"/data/weights.csv{more}").getvalue().decode()
        return {row["basket"] for row in csv.DictReader(io.StringIO(body))}

    assert baskets("") == {"agi", "own"}
    assert baskets(f"?as_of={DAY}") == baskets("?release=9") == {"agi"}


def test_its_sources_are_those_of_the_results_that_were_known(client: Client) -> None:
    score = Score.objects.filter(observed_on__gt=DAY)[0]
    source = Source.objects.create(slug="late-source", name="Late source")
    score.import_run = ImportRun.objects.create(source=source, state=ImportRun.State.DONE)
    score.pk, score.content_hash = None, "e" * 64
    score.save(force_insert=True)
    assert "late-source" in client.get("/data/").content.decode()
    for more in (f"?as_of={DAY}", "?release=9"):
        assert "late-source" not in client.get(f"/data/{more}").content.decode()


def test_a_page_of_another_basket_speaks_of_that_baskets_releases(client: Client) -> None:
    own_basket()
    html = client.get("/baskets/own/").content.decode()
    assert 'data-address="/releases/latest.json?basket=own" data-number="1"' in html
    assert "Cite as: Own weights, release 1, " in html
    assert "http://localhost:8000/baskets/own/?release=1</a>" in html
    told = client.get("/releases/latest.json?basket=own").json()
    assert (told["release"], told["address"]) == (1, "/baskets/own/?release=1")
    assert (
        "SHA-256"
        in client.get("/charts/weights.metadata.json?basket=own").json()["citation"]["plain"]
    )
    cited = client.get("/charts/weights.metadata.json?basket=own").json()["release"]
    assert (cited["basket"], cited["number"]) == ("own", 1)


def test_a_basket_without_a_release_then_names_its_own_first(client: Client) -> None:
    own_basket()
    first = Release.objects.get(basket__slug="own").vintage_on
    html = client.get(f"/baskets/own/?as_of={DAY}").content.decode()
    assert f'href="/baskets/own/?as_of={first}"' in html


def test_a_pin_stays_with_its_basket(client: Client) -> None:
    own_basket()
    day = Release.objects.get(basket__slug="own").vintage_on.isoformat()
    links = read(client.get("/baskets/own/?release=1").content.decode()).links
    assert f"/systems/?as_of={day}" in links
    assert not [link for link in links if link.startswith("/systems") and "release=" in link]
    number = Release.objects.filter(basket__slug="agi").latest("number").number
    links = read(client.get(f"/baskets/?release={number}").content.decode()).links
    assert f"/baskets/agi/?release={number}" in links
    assert f"/baskets/own/?as_of={day}" in links


def test_its_forms_for_another_date_ask_for_the_same_page_and_not_its_part(client: Client) -> None:
    for more in ("", "&as_of=2026-06-30"):
        html = client.get(f"/systems/?status=official&add=gpt&page=1{more}").content.decode()
        form = next(
            form
            for form in html.split("<form")[1:]
            if 'id="past-date' in form or 'id="vintage-date' in form
        )
        names = re.findall(r'name="(\w+)"', form.split("</form>")[0])
        assert names == ["status", "as_of"]


@pytest.mark.parametrize(
    "address",
    [
        "/?range=basket-3",
        "/generations/?range=basket-3",
        "/evals/gpqa-diamond/?range=basket-3",
        "/baskets/agi/?version=3",
    ],
)
def test_it_says_what_came_later_and_shows_the_rest(client: Client, address: str) -> None:
    def at(address: str) -> str:
        return client.get(f"{address}&as_of={DAY}").content.decode()

    path, said = address.partition("?")[0], "Basket 3 was not known on 15 Sep 2025."
    later, without = at(address), at(f"{path}?")
    assert said in later and said not in without
    cells = re.compile(r"<td.*?</td>|<rect.*?>", re.DOTALL)
    assert cells.findall(later) == cells.findall(without) != []
    assert "was not known" not in client.get(address).content.decode()
    never = re.sub(r"(basket-|version=)3", r"\g<1>99", address)
    assert client.get(f"{never}&as_of={DAY}").status_code in (400, 404)


def test_it_tells_no_name_of_what_was_chosen_and_came_later(client: Client) -> None:
    for page in ("/", "/evals/gpqa-diamond/"):
        asked = f"{page}?as_of={DAY}&others=hidden&systems="
        html = client.get(f"{asked}claude-opus-5.5").content.decode()
        assert "Not known on this date: claude-opus-5.5." in html
        assert "Claude Opus 5.5" not in html and "Only these are shown" not in html
        assert f'<a href="?as_of={DAY}" data-control="clear"' in html
        both = client.get(f"{asked}claude-opus-5.5,o3&developers=openai").content.decode()
        assert "Only these are shown: OpenAI, o3." in both and "claude-opus-5.5." in both
        assert client.get(f"{asked}never-was").status_code == 400


@pytest.mark.usefixtures("later")
def test_it_does_not_bring_out_a_developer_of_later(client: Client) -> None:
    html = client.get(f"/?as_of={DAY}&developers=late-lab,openai").content.decode()
    assert "Not known on this date: late-lab." in html and "Late Lab" not in html
    assert "In colour: OpenAI; all others are grey." in html
    now = client.get("/?developers=late-lab,openai").content.decode()
    assert "No value in this series: Late Lab." in now and "Not known" not in now


def test_its_files_refuse_what_came_later(client: Client) -> None:
    for chart in ("frontier.csv?", "generations.svg?", "eval-history.json?eval=gpqa-diamond&"):
        answer = client.get(f"/charts/{chart}range=basket-3&as_of={DAY}")
        assert answer.status_code == 400
        assert "Basket 3 was not known on 15 Sep 2025." in answer.content.decode()
    answer = client.get(f"/charts/frontier.csv?systems=claude-opus-5.5&as_of={DAY}")
    assert (answer.status_code, b"Claude Opus" in answer.content) == (400, False)
