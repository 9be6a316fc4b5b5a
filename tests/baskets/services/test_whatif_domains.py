"""What-ifs of a basket that gives a whole domain no weight."""

from __future__ import annotations

from django.test import Client

from baskets.models import Basket
from baskets.services import recomputes
from tests.baskets.services.conftest import add_draft
from tests.baskets.services.steps import publish


def test_an_eval_of_a_domain_without_weight_keeps_its_field(basket: Basket, client: Client) -> None:
    draft = add_draft(basket)
    draft.weights.filter(eval__domain__slug="alignment").delete()
    version = publish(draft)
    recomputes.request_release(basket, cause="x", due_at=version.published_at)
    assert recomputes.run_due(basket.pk) is not None
    page = client.get("/baskets/small/what-if/?add=alignment-1", follow=True)
    text = page.content.decode()
    assert page.redirect_chain and 'name="w.alignment-1"' in text
    assert "The basket gives this domain no weight" in text and 'name="d.alignment"' not in text
    again = client.get("/baskets/small/what-if.json?w.alignment-1=20").json()
    assert 0 < again["weights"]["alignment-1"] < 0.2
