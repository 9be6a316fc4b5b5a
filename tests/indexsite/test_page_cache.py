"""Pages that the process keeps, and when it must not show them."""

from __future__ import annotations

import gzip

import pytest
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from baskets.models import Basket
from baskets.selectors.state import state_now
from baskets.services import recomputes
from evals.models import Decision, ImportRun, RunChange, Score
from indexsite.page_cache import LARGEST, PageCacheMiddleware, site_state

pytestmark = pytest.mark.usefixtures("catalog_db")

HOME = "/"


class View:
    """A view that counts its answers."""

    def __init__(self, response: HttpResponse | None = None) -> None:
        self.calls = 0
        self.response = response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.calls += 1
        response = self.response or HttpResponse(f"answer {self.calls} " * 100)
        if self.response is None:
            response["Cache-Control"] = "public, max-age=0"
        return response


def get(view: View, address: str = "/x", *, method: str = "GET", **headers: str) -> HttpResponse:
    """What the middleware answers in front of the view."""
    request = RequestFactory().generic(method, address, headers=headers)
    response = PageCacheMiddleware(view)(request)
    assert isinstance(response, HttpResponse)
    return response


def queries(client: Client, address: str) -> int:
    """How many queries a request takes; its answer must be good."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


def test_it_answers_from_memory_with_no_query_but_for_the_state(client: Client) -> None:
    first, second, third = (queries(client, HOME) for _ in range(3))
    assert first > 1
    assert second > 1
    assert third == 0


def test_it_keeps_the_second_answer_and_not_the_first() -> None:
    view = View()
    bodies = [get(view).content for _ in range(4)]
    assert view.calls == 2
    assert bodies[0] != bodies[1]
    assert bodies[1:] == [bodies[1]] * 3


def test_it_never_shows_a_state_that_passed_while_the_view_ran() -> None:
    def overtaken(request: HttpRequest) -> HttpResponse:
        withdraw_one()
        return view(request)

    view = View()
    request = RequestFactory().get("/x")
    for _ in range(3):
        PageCacheMiddleware(overtaken)(request)
    assert view.calls == 3


def withdraw_one() -> None:
    """A decision, after which the pages differ."""
    score = Score.objects.order_by("id").first()
    assert score is not None
    Decision.objects.create(score=score, status="accepted", reason="a test")


def test_it_shows_a_new_release_on_the_next_request(client: Client) -> None:
    for _ in range(3):
        before = client.get("/releases/").content
    basket = Basket.objects.get()
    recomputes.request_release(basket, cause="A cause to read", due_at=timezone.now())
    assert b"A cause to read" not in before
    assert recomputes.run_due(basket.pk) is not None
    assert b"A cause to read" in client.get("/releases/").content


def test_it_reads_the_state_afresh_after_a_decision() -> None:
    before = site_state()
    withdraw_one()
    assert site_state() != before


def test_it_sees_the_end_of_an_import_or_a_withdrawal_that_raises_no_id() -> None:
    run = ImportRun.objects.latest("pk")
    of_run = ImportRun.objects.filter(pk=run.pk)
    of_run.update(state="running")
    change = RunChange.objects.create(import_run=run, kind="withdraw", reason="", state="running")
    seen = [(site_state(), state_now())]
    for end in (of_run, RunChange.objects.filter(pk=change.pk)):
        end.update(state="done")
        seen.append((site_state(), state_now()))
    assert len({pages for pages, _ in seen}) == len({files for _, files in seen}) == 3


@pytest.mark.parametrize("address", [HOME, "/releases/", "/charts/frontier.svg", "/api/v1/index"])
def test_it_answers_304_to_whoever_has_the_page(client: Client, address: str) -> None:
    tags = {client.get(address)["ETag"] for _ in range(3)}
    assert len(tags) == 1
    for headers in ({"If-None-Match": tags.pop()}, {"If-None-Match": "*"}):
        answer = client.get(address, headers=headers)
        assert (answer.status_code, answer.content) == (304, b"")
    assert client.get(address, headers={"If-None-Match": '"another"'}).status_code == 200


def test_it_leaves_the_tag_that_a_sealed_file_has() -> None:
    headers = {"Cache-Control": "public, immutable", "ETag": '"the seal"'}
    view = View(HttpResponse("sealed", headers=headers))
    tags = [get(view)["ETag"] for _ in range(3)]
    assert tags == ['"the seal"'] * 3
    assert view.calls == 2


def test_it_keeps_compressed_and_plain_answers_apart(client: Client) -> None:
    for _ in range(3):
        packed = client.get(HOME, headers={"Accept-Encoding": "br, gzip"})
        plain = client.get(HOME)
        assert packed["Content-Encoding"] == "gzip"
        assert "Content-Encoding" not in plain
        assert gzip.decompress(packed.content) == plain.content
        assert plain["Vary"] == "Accept-Encoding"
    again = client.get(HOME, headers={"Accept-Encoding": "gzip", "If-None-Match": packed["ETag"]})
    assert again.status_code == 304


def test_it_keeps_paths_hosts_and_queries_apart() -> None:
    view = View()
    for address, headers in (
        ("/x", {}),
        ("/y", {}),
        ("/x?a=1", {}),
        ("/x", {"Host": "localhost"}),
    ):
        for _ in range(3):
            get(view, address, **headers)
    assert view.calls == 8


def with_cookie() -> HttpResponse:
    response = HttpResponse("mine", headers={"Cache-Control": "public"})
    response.set_cookie("name", "value")
    return response


@pytest.mark.parametrize(
    "response",
    [
        with_cookie(),
        HttpResponse("private"),
        HttpResponse("private", headers={"Cache-Control": "private"}),
        HttpResponse("lost", status=404, headers={"Cache-Control": "public"}),
        HttpResponse("x" * (LARGEST + 1), headers={"Cache-Control": "public"}),
    ],
    ids=["cookie", "unsaid", "private", "404", "large"],
)
def test_it_keeps_nothing_that_is_not_public(response: HttpResponse) -> None:
    view = View(response)
    for _ in range(3):
        get(view)
    assert view.calls == 3


@pytest.mark.parametrize("method", ["HEAD", "POST", "DELETE"])
def test_it_passes_other_methods_on(method: str) -> None:
    view = View()
    for _ in range(3):
        get(view, method=method)
    assert view.calls == 3


def test_it_keeps_no_page_of_the_admin_or_the_alerts(client: Client) -> None:
    for address in ("/accounts/login/", "/alerts/"):
        for _ in range(2):
            assert client.get(address).status_code == 200
            assert "public" not in client.get(address).get("Cache-Control", "")
    cache.clear()


def test_it_sets_no_cookie_on_a_public_page(client: Client) -> None:
    for address in (HOME, "/systems/", "/evals/", "/methodology/", "/releases/"):
        assert not client.get(address).cookies
