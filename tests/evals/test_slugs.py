"""Slugs of names in any writing: never empty, the same each time, and one name's own."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from evals.models import Developer, Eval, System, valid_slug
from evals.models.names import NameKind
from evals.services import identity
from evals.services.declared import declare_system
from evals.services.slugs import developer_slug, slug_of
from tests.evals.conftest import GPT_4O


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("GPT 4.1 (mini)", "gpt-4.1-mini"),
        ("Größe Café №2", "grosse-cafe-no2"),
        ("通义 Max", "max-"),
        ("深度求索", "system-"),
        ("Яндекс", "system-"),
        ("!!!", "system-"),
        ("x" * 200, f"{'x' * 111}-"),
        ("模" * 200, "system-"),
    ],
)
def test_a_slug_is_latin_whatever_the_name(name: str, slug: str) -> None:
    found = slug_of(name, NameKind.SYSTEM)
    valid_slug(found)
    assert found == slug_of(name, NameKind.SYSTEM) and len(found) <= 120
    assert found.startswith(slug) and len(found) - len(slug) == (8 if slug[-1] == "-" else 0)


def test_other_names_have_other_slugs() -> None:
    names = ["通义 Max", "混元 Max", "Max", "深度求索", "月之暗面", "مون", "מון"]
    assert len({slug_of(name, "eval") for name in names}) == len(names)


@pytest.mark.usefixtures("names")
def test_developers_in_any_writing_are_added_with_slugs_of_their_own() -> None:
    for number, developer in enumerate(["深度求索", "月之暗面", "x.AI", "L" * 60, "L" * 70]):
        record = msgspec.structs.replace(GPT_4O, slug=f"s-{number}", developer=developer)
        assert declare_system(record) is None
    slugs = dict(Developer.objects.values_list("name", "slug"))
    assert len(set(slugs.values())) == 6 and slugs["x.AI"] == "xai"
    assert slugs["深度求索"] == developer_slug("深度求索 ") != slugs["月之暗面"]


@pytest.mark.usefixtures("names")
def test_a_name_without_latin_letters_is_added_from_the_queue() -> None:
    day = dt.date(2025, 1, 20)
    facts = {"developer": "深度求索", "generation": "一", "released_on": day, "by": None}
    system, _done = identity.add_system("深度求索", **facts)  # type: ignore[arg-type]
    assert system == System.objects.get(slug=slug_of("深度求索", NameKind.SYSTEM))
    item = Eval.objects.get(slug="gpqa-diamond")
    item.pk, item.name, item.slug = None, "高考", slug_of("高考", NameKind.EVAL)
    identity.add_eval("高考", item, by=None)
    assert Eval.objects.get(name="高考").slug.startswith("eval-")
