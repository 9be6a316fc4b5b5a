"""Results posted by programs: all of a request or nothing, once, and every row accounted for."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.models import ApiToken
from accounts.services.tokens import make_token, revoke_token
from evals.models import Decision, HeldRow, ImportRun, Posting, Score
from evals.services import imports, posted
from tests.evals.web.conftest import line

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("names", "no_hints")]

Token = tuple[ApiToken, str]
LINES = "application/x-ndjson"


@pytest.fixture
def no_hints(monkeypatch: pytest.MonkeyPatch) -> None:
    """No worker runs beside these tests: each merges itself what it posted."""
    monkeypatch.setattr("evals.tasks.hint_postings", lambda: None)


def post(token: Token, body: str | bytes, kind: str = "application/json", **headers: str) -> Any:
    headers = {"Authorization": f"Bearer {token[1]}", **headers}
    return Client().post("/api/v1/results", body, content_type=kind, headers=headers)


def status(token: Token, answer: Any) -> dict[str, Any]:
    """What the API says of the run after it was merged."""
    posted.merge_waiting()
    headers = {"Authorization": f"Bearer {token[1]}"}
    found: dict[str, Any] = Client().get(answer.json()["status_url"], headers=headers).json()
    counts = (found[name] for name in ("accepted", "duplicate", "held", "rejected"))
    assert found["read"] == sum(counts)
    return found


def array(*lines: str) -> str:
    return f"[{','.join(lines)}]"


def test_it_takes_an_array_and_tells_what_became_of_each_row(token: Token) -> None:
    rows = (line(), line(), line(system="who"), line(value=101))
    answer = post(token, array(*rows))
    assert answer.status_code == 202
    found = status(token, answer)
    assert (found["state"], found["read"]) == ("done", 4)
    counts = [found[name] for name in ("accepted", "duplicate", "held", "rejected")]
    assert counts == [1, 1, 1, 1]
    reasons = {(r["outcome"], r["line"]) for r in found["reasons"]}
    assert reasons == {("held", 3), ("rejected", 4)}


def test_it_takes_a_result_a_line(token: Token) -> None:
    body = f"{line()}\n\n{line(value=54)}\n"
    assert status(token, post(token, body, LINES))["accepted"] == 2
    score = Score.objects.order_by("value")[0]
    assert (score.value, score.reported_by, score.line) == (53.6, "third_party", 1)
    assert score.import_run.name == "API, nightly, 2 results"
    assert score.import_run.requested_by == token[0].owner


def test_it_takes_a_large_body_as_a_file(token: Token, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evals.api.FEW", 100)
    answer = post(token, f"{line()}\n{line(value=54)}\n", LINES)
    run = ImportRun.objects.get(pk=answer.json()["import_run"])
    assert run.file and not posted.are_waiting()
    imports.run_import(run.pk)
    assert status(token, answer)["accepted"] == 2


def test_it_refuses_a_request_whole_with_the_reason_of_each_bad_row(token: Token) -> None:
    bad = [
        line(value='"high"'),
        '{"system": "gpt-4o", "eval": "gpqa-diamond"}',
        line()[:-1] + ', "colour": "red"}',
        line(system="a\\u0000b"),
        '"text"',
    ]
    answer = post(token, array(line(), *bad))
    assert answer.status_code == 422
    rows = {row["row"]: row["reason"] for row in answer.json()["rows"]}
    assert sorted(rows) == [2, 3, 4, 5, 6]
    assert rows[2] == "value: expected float, got str"
    assert "colour" in rows[4] and "NUL" in rows[5]
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize(
    "body",
    [" ", "[]", "{}", "[", "[NaN]", "null", "\ufeff", "[" * 10_000 + "]" * 10_000],
)
def test_it_refuses_a_body_that_is_no_array_of_results(token: Token, body: str) -> None:
    answer = post(token, body)
    assert answer.status_code == 422 and answer.json()["rows"]
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize("kind", [LINES, "application/jsonl"])
@pytest.mark.parametrize("few", [100, 1 << 20])
def test_it_refuses_lines_that_are_no_results(
    token: Token, monkeypatch: pytest.MonkeyPatch, kind: str, few: int
) -> None:
    monkeypatch.setattr("evals.api.FEW", few)
    answer = post(token, f"{line()}\n{{broken\n" + "x" * 100, kind)
    assert answer.status_code == 422
    assert [row["row"] for row in answer.json()["rows"]] == [2, 3]
    assert not Posting.objects.exists()


def test_the_same_key_and_body_are_the_same_import(token: Token) -> None:
    first = post(token, array(line()))
    again = post(token, array(line()), **{"Idempotency-Key": "a"})
    once = post(token, array(line()), **{"Idempotency-Key": "a"})
    assert once.json() == again.json() != first.json()
    assert ImportRun.objects.count() == 2


def test_the_same_key_with_another_body_is_refused(token: Token) -> None:
    post(token, array(line()), **{"Idempotency-Key": "a"})
    answer = post(token, array(line(value=1.0)), **{"Idempotency-Key": "a"})
    assert answer.status_code == 409 and ImportRun.objects.count() == 1


def test_the_same_key_for_another_source_is_refused(token: Token) -> None:
    for source, status_code in (("one", 202), ("two", 409), ("one", 202)):
        headers = {"Authorization": f"Bearer {token[1]}", "Idempotency-Key": "a"}
        answer = Client().post(
            f"/api/v1/results?source={source}",
            array(line()),
            content_type="application/json",
            headers=headers,
        )
        assert answer.status_code == status_code
    assert ImportRun.objects.get().source.slug == "one"


@pytest.mark.parametrize("kind", ["application/json", LINES])
@pytest.mark.parametrize("few", [10, 1 << 20])
def test_it_reads_past_a_byte_order_mark(
    token: Token, monkeypatch: pytest.MonkeyPatch, kind: str, few: int
) -> None:
    monkeypatch.setattr("evals.api.FEW", few)
    body = array(line()) if kind != LINES else line()
    answer = post(token, b"\xef\xbb\xbf" + body.encode(), kind)
    assert answer.status_code == 202
    imports.run_import(answer.json()["import_run"])
    assert status(token, answer)["accepted"] == 1


@pytest.mark.parametrize("kind", ["application/json", LINES])
def test_it_refuses_a_member_that_stands_twice(token: Token, kind: str) -> None:
    twice = line()[:-1] + ', "value": 90}'
    whole = f"{line()}\n{twice}" if kind == LINES else array(line(), twice)
    (row,) = post(token, whole, kind).json()["rows"]
    assert row == {"row": 2, "reason": "the member 'value' stands there twice"}


def test_it_refuses_the_source_of_the_shipped_catalog(token: Token) -> None:
    headers = {"Authorization": f"Bearer {token[1]}"}
    kind = "application/json"
    answer = Client().post(
        "/api/v1/results?source=catalog", array(line()), content_type=kind, headers=headers
    )
    assert answer.status_code == 422 and not ImportRun.objects.exists()


def test_it_names_the_row_at_which_an_array_breaks_off(token: Token) -> None:
    (row,) = post(token, array(line(), line(), line(value="NaN"))).json()["rows"]
    assert row["row"] == 3 and row["reason"].startswith("not JSON (JSON is malformed")


def test_the_key_of_another_token_is_another_key(token: Token) -> None:
    other = make_token(owner=token[0].owner, name="other", scopes=["results:write"])
    first = post(token, array(line()), **{"Idempotency-Key": "a"})
    second = post(other, array(line(value=1.0)), **{"Idempotency-Key": "a"})
    assert (first.status_code, second.status_code) == (202, 202)


def test_it_knows_no_one_without_a_token(token: Token) -> None:
    answer = Client().post("/api/v1/results", "[]", content_type="application/json")
    assert answer.status_code == 401
    assert post((token[0], "agi_wrong"), array(line())).status_code == 401
    revoke_token(token[0])
    assert post(token, array(line())).status_code == 401


def test_a_session_is_no_token(importer: Client) -> None:
    answer = importer.post("/api/v1/results", array(line()), content_type="application/json")
    assert answer.status_code == 401


@pytest.mark.parametrize("kind", ["text/csv", "multipart/form-data; boundary=x", "text/plain"])
def test_it_takes_no_other_type(token: Token, kind: str) -> None:
    assert post(token, array(line()), kind).status_code == 415


def test_it_takes_no_packed_body(token: Token) -> None:
    answer = post(token, array(line()), **{"Content-Encoding": "gzip"})
    assert answer.status_code == 415


def test_it_refuses_a_body_that_is_too_large(token: Token, settings: Settings) -> None:
    settings.LARGEST_POST = 100
    answer = post(token, array(line(), line()))
    assert answer.status_code == 413 and "newline-delimited" in answer.json()["detail"]


def test_it_binds_a_token_to_its_source(token: Token) -> None:
    bound = make_token(owner=token[0].owner, name="lab", scopes=["results:write"], source="lab")
    headers = {"Authorization": f"Bearer {bound[1]}"}
    kind = "application/json"
    answer = Client().post("/api/v1/results?source=other", "[]", kind, headers=headers)
    assert answer.status_code == 422
    run = post(bound, array(line())).json()["import_run"]
    assert ImportRun.objects.get(pk=run).source.slug == "lab"


def test_it_says_how_often_a_token_may_ask(token: Token, settings: Settings) -> None:
    settings.API_REQUESTS_PER_MINUTE = 2
    answers = [post(token, array(line(value=n))) for n in range(1, 5)]
    # The minute may end between two of them.
    assert 429 in [answer.status_code for answer in answers]
    refused = next(a for a in answers if a.status_code == 429)
    assert refused["RateLimit-Remaining"] == "0" and 1 <= int(refused["Retry-After"]) <= 60
    assert answers[0]["RateLimit-Limit"] == "2"


def test_nobody_sees_the_import_of_another(token: Token, django_user_model: Any) -> None:
    address = post(token, array(line())).json()["status_url"]
    other = make_token(
        owner=django_user_model.objects.create_superuser("root"),
        name="x",
        scopes=["results:write"],
    )
    headers = {"Authorization": f"Bearer {other[1]}"}
    assert Client().get(address, headers=headers).status_code == 404
    assert Client().get(address).status_code == 401


def test_it_merges_many_requests_at_once_and_counts_each_alone(token: Token) -> None:
    answers = [post(token, array(line(value=n), line(value=200))) for n in (1.0, 2.0, 2.0)]
    assert posted.merge_waiting() == 3
    found = [status(token, answer) for answer in answers]
    assert [f["accepted"] for f in found] == [1, 1, 0]
    assert [f["duplicate"] for f in found] == [0, 0, 1]
    assert [f["rejected"] for f in found] == [1, 1, 1]
    newest = Decision.objects.filter(score__value=1.0).order_by("-id")[0]
    assert newest.status == "superseded"


def test_many_requests_about_one_result_are_compared_once(token: Token) -> None:
    for n in range(40):
        post(token, array(*(line(value=f"{n}.{n}{i:02}") for i in range(10))))
    with CaptureQueriesContext(connection) as asked:
        assert posted.merge_waiting() == 40
    # Three a request at the most, whatever it is compared with.
    assert len(asked) < 120
    newest = {d.score_id: d.status for d in Decision.objects.order_by("id")}
    assert list(newest.values()).count("accepted") == 10


def test_a_request_that_cannot_be_merged_in_company_is_imported_alone(
    token: Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise RuntimeError("no company")

    answer = post(token, array(line(), line(system="who")))
    monkeypatch.setattr(posted, "_merge", broken)
    found = status(token, answer)
    assert (found["state"], found["accepted"], found["held"]) == ("done", 1, 1)
    assert HeldRow.objects.get().line == 2


def test_the_reader_reads_what_the_api_takes(token: Token) -> None:
    post(token, array(line()))
    body = bytes(Posting.objects.get().body)
    assert json.loads(body) == json.loads(line())


def test_the_description_of_the_api_names_every_member_of_a_result() -> None:
    told = Client().get("/api/v1/openapi.json").json()
    operation = told["paths"]["/api/v1/results"]["post"]
    body = operation["requestBody"]["content"]["application/json"]["schema"]["items"]
    assert {"system", "eval", "value", "unit", "harness"} <= set(body["properties"])
    assert "line" not in body["properties"]
    assert set(operation["responses"]) >= {"202", "409", "413", "415", "422", "429"}
    assert {"name": "Idempotency-Key", "in": "header"}.items() <= operation["parameters"][
        -1
    ].items()
