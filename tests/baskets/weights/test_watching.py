"""From the saturation watch to a draft, on the shipped basket."""

from __future__ import annotations

import pytest
from django.urls import reverse

from baskets.models import BasketVersion
from baskets.selectors import releases
from baskets.selectors.content import content_of
from baskets.selectors.successors import Field
from tests.baskets.services.test_admin import browser

pytestmark = pytest.mark.usefixtures("catalog_db")


def test_it_offers_what_shares_systems_and_drafts_it() -> None:
    page, steward = reverse("admin:baskets_basketversion_watch"), browser("ada", "steward")
    rows = steward.get(page).context["rows"]
    item, best = next((row[0], row[3][0]) for row in rows if row[3])
    release = releases.current()
    assert release is not None and best.eval.domain == item.domain
    scores = releases.bundle(release)["problem"]["scores"]
    cells = {(row["system"], row["eval"]) for row in scores}
    both = [s for s, e in cells if e == item.slug and (s, best.eval.slug) in cells]
    assert best.overlap == len(both) > 0
    asked = {"replace": f"{item.slug} {best.eval.slug}"}
    address = steward.post(page, asked).headers["Location"]
    draft = BasketVersion.objects.get(step="draft", published_at=None)
    assert address.startswith(reverse("admin:baskets_basketversion_weigh", args=[draft.pk]))
    stored = content_of(draft)
    assert steward.post(page, asked).headers["Location"] == address
    shown = steward.get(address).context["forms"]
    assert best.eval.slug in shown.rows and dict(shown.gone) == {item.slug: ""}
    assert content_of(draft) == stored and item.slug in {row.eval for row in stored.weights}
    assert browser("bob", "approver").post(page, asked).status_code == 403


def test_it_puts_the_same_subdomain_first_and_counts_nothing_twice() -> None:
    release = releases.current()
    assert release is not None
    field = Field.of(release)
    counted = {"gpqa-diamond", "mmlu"}
    found = field.successors("gpqa-diamond", counted, most=99)
    assert not counted & {row.eval.slug for row in found}
    order = [(not row.same_subdomain, -row.overlap) for row in found]
    assert order == sorted(order) and all(row.overlap for row in found)
