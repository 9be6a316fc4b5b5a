"""A published version, its weights and its releases stay as they are, whichever way is tried.

What the application's database role may do is tried in `tests/indexsite/test_roles.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.core.management import call_command
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from baskets.models import Basket, BasketVersion, Release, Weight
from baskets.selectors.content import content_of
from baskets.services import publications, recomputes, workflow
from baskets.services.drafting import save_draft
from baskets.services.refusals import Refused
from tests.baskets.services.steps import WHY

TABLES = ("basketversion", "weight", "departure", "basketversion_overlap", "release",
          "indexpoint", "link", "revision", "analysis", "sheet")  # fmt: skip


def state(until: dict[str, int] | None = None) -> dict[str, tuple[int, str]]:
    """Of each table (newest id, digest of its rows), of the rows up to an id where it is given."""
    found = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            newest = "" if until is None else f"WHERE id <= {until[table]}"
            cursor.execute(
                "SELECT coalesce(max(id), 0), "
                "md5(coalesce(string_agg(t::text, '' ORDER BY id), ''))"
                f" FROM baskets_{table} t {newest}"
            )
            row = cursor.fetchone()
            assert row is not None
            found[table] = row
    return found


@pytest.fixture
def kept(published: BasketVersion) -> Iterator[BasketVersion]:
    """The published version with a release; it must all be the same after the test."""
    recomputes.request_release(published.basket, cause="x", due_at=published.published_at)
    assert recomputes.run_due(published.basket_id) is not None
    before = state()
    yield published
    assert state({table: newest for table, (newest, _digest) in before.items()}) == before


@pytest.fixture
def root(db: None) -> User:
    """Somebody who may do all that anybody may."""
    return User.objects.create_superuser("root")


def test_no_page_changes_it(kept: BasketVersion, root: User, client: Client) -> None:
    client.force_login(root)
    weight = kept.weights.get(eval__slug="safety-1")
    form = {"began_from": "0", "rationale": "Another.", "number": "7", "effective_on": "2020-01-01",
            "weights-TOTAL_FORMS": "1", "weights-INITIAL_FORMS": "1",
            "weights-0-id": str(weight.pk), "weights-0-weight": "9"}  # fmt: skip
    steps = ("change", "delete", "propose", "approve", "schedule", "send_back", "withdraw")
    for step in steps:
        address = reverse(f"admin:baskets_basketversion_{step}", args=[kept.pk])
        said = {"post": "yes", "reason": WHY, "edition": "0", "content_sha256": "0" * 64}
        answer = client.post(address, form | said)
        assert answer.status_code in (302, 403, 409), step
    release = kept.basket.releases.get()
    for step in ("change", "delete"):
        address = reverse(f"admin:baskets_release_{step}", args=[release.pk])
        assert client.post(address, {"post": "yes", "cause": "Another"}).status_code == 403
    basket = reverse("admin:baskets_basket_change", args=[kept.basket_id])
    client.post(basket, {"slug": "other", "name": "Small", "description": "", "base": "1",
                         "domain_rationale": "{}"})  # fmt: skip
    assert Basket.objects.get().slug == "small"


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_no_call_of_the_api_changes_it(kept: BasketVersion, client: Client, method: str) -> None:
    for path in ("baskets/small", "baskets", "releases/1", "index", "releases"):
        answer = getattr(client, method)(
            f"/api/v1/{path}", {"weight": 9}, content_type="application/json"
        )
        assert answer.status_code in (404, 405), path


def test_no_service_changes_it(kept: BasketVersion, root: User) -> None:
    content = content_of(kept)
    with pytest.raises(Refused):
        save_draft(kept.pk, by=root, edition=0, content=content)
    with pytest.raises(Refused):
        workflow.propose(kept.pk, by=root, rationale=WHY, edition=0)
    assert publications.due_publications() == []


def test_no_command_changes_it(kept: BasketVersion) -> None:
    call_command("recompute", "--basket", "small")
    call_command("verify_releases", "--quick")
    assert list(Release.objects.values_list("number", flat=True)) == [2, 1]


@pytest.mark.parametrize("change", [
    lambda v: BasketVersion.objects.filter(pk=v.pk).update(published_at=None),
    lambda v: Weight.objects.filter(version=v).update(weight=9),
    lambda v: Weight.objects.filter(version=v).delete(),
    lambda v: v.delete(),
    lambda v: v.overlap.clear(),
    lambda v: v.departures.create(eval=v.weights.all()[0].eval, reason="x"),
    lambda v: v.basket.releases.update(cause="Another"),
    lambda v: v.basket.releases.all().delete(),
])  # fmt: skip
def test_no_query_of_the_application_changes_it(kept: BasketVersion, change: object) -> None:
    assert callable(change)
    with pytest.raises((IntegrityError, ProgrammingError)), transaction.atomic():
        change(kept)
