"""What a published version rests on cannot change its meaning, whichever role asks."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction

from baskets.models import Basket
from evals.models import Domain, Eval, System

pytestmark = pytest.mark.usefixtures("catalog_db")


def refused(statement: str, *values: str | int) -> str:
    """The database's refusal of a statement."""
    with (
        pytest.raises(IntegrityError) as refusal,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, values)
    return str(refusal.value)


@pytest.mark.parametrize("column", ["slug", "base_id"])
def test_it_keeps_name_and_base_of_a_published_basket(column: str) -> None:
    other = System.objects.exclude(slug="gpt-4o").values_list("pk", flat=True)[0]
    value = "other" if column == "slug" else other
    assert "cannot change" in refused(f"UPDATE baskets_basket SET {column} = %s", value)


@pytest.mark.parametrize(
    ("column", "value"),
    [("slug", "x"), ("subdomain", "x"), ("scale", "log"), ("direction", "lower")],
)
def test_it_keeps_what_a_counted_eval_measures(column: str, value: str) -> None:
    statement = f"UPDATE evals_eval SET {column} = %s WHERE slug = 'gpqa-diamond'"
    assert "cannot change" in refused(statement, value)


def test_it_keeps_the_domain_of_a_counted_eval() -> None:
    safety = Domain.objects.get(slug="safety").pk
    statement = "UPDATE evals_eval SET domain_id = %s WHERE slug = 'gpqa-diamond'"
    assert "cannot change" in refused(statement, safety)


def test_it_lets_texts_and_uncounted_evals_be_corrected() -> None:
    assert Basket.objects.update(description="Better said.") == 1
    assert Eval.objects.filter(slug="gpqa-diamond").update(name="GPQA") == 1
    assert Eval.objects.filter(slug="ap-biology").update(subdomain="biology") == 1
