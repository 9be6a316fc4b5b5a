"""The pages of imports: who may see them, what they show, and taking a run back."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from evals.models import Decision, ImportRun, Rejection
from evals.selectors import runs
from evals.templatetags.import_tags import every

pytestmark = pytest.mark.django_db

READING = ["runs", "names", "holds", "feeds"]
WRITING = ["upload", "new-feed"]


@pytest.mark.parametrize("name", [*READING, *WRITING])
def test_it_asks_a_stranger_to_sign_in(client: Client, name: str) -> None:
    address = reverse(f"imports:{name}")
    answer = client.get(address)
    assert (answer.status_code, answer["Location"]) == (302, f"/accounts/login/?next={address}")


@pytest.mark.parametrize("role", ["viewer", "steward", "approver"])
def test_it_lets_other_roles_look_but_not_act(as_role: Callable[[str], Client], role: str) -> None:
    person = as_role(role)
    for name in READING:
        assert person.get(reverse(f"imports:{name}")).status_code == 200, name
    for name in WRITING:
        assert person.get(reverse(f"imports:{name}")).status_code == 403, name
    assert person.get(reverse("tokens")).status_code == 403


def test_it_refuses_every_act_of_a_viewer(
    as_role: Callable[[str], Client], mixed_run: ImportRun
) -> None:
    viewer = as_role("viewer")
    acts = [
        ("withdraw", [mixed_run.pk]),
        ("reinstate", [mixed_run.pk]),
        ("forget", [1]),
        ("mapping", [1]),
        ("decide-name", []),
        ("decide-score", [1]),
        ("feed", [1]),
        ("fetch-feed", [1]),
        ("upload", []),
    ]
    for name, arguments in acts:
        answer = viewer.post(reverse(f"imports:{name}", args=arguments), {"reason": "x"})
        assert answer.status_code == 403, name
    assert not Decision.objects.exclude(status="accepted").exists()


def test_it_refuses_a_person_without_a_role(client: Client, django_user_model: type) -> None:
    client.force_login(django_user_model.objects.create_user("nobody"))  # type: ignore[attr-defined]
    answer = client.get(reverse("imports:runs"))
    assert answer.status_code == 403 and b"may not do this" in answer.content


def test_it_signs_people_in_and_out(client: Client, django_user_model: type) -> None:
    django_user_model.objects.create_superuser("root", password="long enough words")  # type: ignore[attr-defined]
    form = {"login": "root", "password": "long enough words", "next": "/imports/"}
    assert client.post("/accounts/login/", form)["Location"] == "/imports/"
    assert client.post("/accounts/logout/")["Location"] == "/"
    assert client.get("/imports/").status_code == 302


def test_it_lists_runs_with_their_counts(importer: Client, mixed_run: ImportRun) -> None:
    page = importer.get(reverse("imports:runs")).content.decode()
    assert f"{mixed_run.pk}: mixed.jsonl" in page and "data-live" not in page
    assert "1 row waits for somebody to say what its names mean" in page


def test_it_follows_a_run_that_is_not_done(importer: Client, mixed_run: ImportRun) -> None:
    ImportRun.objects.filter(pk=mixed_run.pk).update(state="running", records_done=1234)
    page = importer.get(reverse("imports:run", args=[mixed_run.pk])).content.decode()
    assert 'data-live="1500"' in page and "1,234 rows read so far" in page
    assert 'data-live="2000"' in importer.get(reverse("imports:runs")).content.decode()


def test_it_shows_a_runs_rows_by_what_became_of_them(
    importer: Client, mixed_run: ImportRun
) -> None:
    address = reverse("imports:run", args=[mixed_run.pk])
    rejected = importer.get(address).content.decode()
    assert "line 5: the value 101 is above 100" in rejected
    held = importer.get(address, {"rows": "held"}).content.decode()
    assert "no alias knows system" in held and "=HYPERLINK(1)" in held


def test_it_pages_through_rows(importer: Client, mixed_run: ImportRun) -> None:
    first = runs.rows_of(mixed_run, "rejected", most=1)
    assert len(first.rows) == 1 and first.after is None
    address = reverse("imports:run", args=[mixed_run.pk])
    page = importer.get(address, {"rows": "rejected", "after": str(first.rows[0].id)}).content
    assert b"There are none of this kind" in page


def test_it_pages_through_rows_in_the_order_of_their_lines(mixed_run: ImportRun) -> None:
    for number in (9, 7, 7, 8):
        Rejection.objects.create(import_run=mixed_run, line=number, reason="no")
    lines, after = [], 0
    while True:
        part = runs.rows_of(mixed_run, "rejected", after=after, most=2)
        lines += [row.line for row in part.rows]
        if part.after is None:
            break
        after = part.after
    assert lines == [5, 7, 7, 8, 9]


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(1440, "every day"), (2880, "every 2 days"), (60, "every hour"), (90, "every 90 minutes")],
)
def test_it_says_how_often_a_feed_is_asked(minutes: int, words: str) -> None:
    assert every(minutes) == words


@pytest.mark.parametrize(
    "query", [{"rows": "all"}, {"after": "x"}, {"after": "9" * 30}, {"after": "-1"}]
)
def test_it_refuses_an_address_it_cannot_read(
    importer: Client, mixed_run: ImportRun, query: dict[str, str]
) -> None:
    address = reverse("imports:run", args=[mixed_run.pk])
    assert importer.get(address, query).status_code == 404


ASKED = {
    "runs": ["state", "before"],
    "names": ["kind", "page"],
    "holds": ["page"],
    "new-system": ["name"],
    "new-eval": ["name"],
}


def test_it_takes_no_nul_for_a_question_to_the_database(
    client: Client, mixed_run: ImportRun
) -> None:
    client.force_login(User.objects.create_superuser("root"))
    for page, members in ASKED.items():
        for member in members:
            answer = client.get(reverse(f"imports:{page}", query={member: "a\0b"}))
            assert answer.status_code in (200, 302, 404), (page, member)
    decided = {"kind": "system", "name": "a\0b", "verdict": "same:gpt-4o"}
    assert client.post(reverse("imports:decide-name"), decided).status_code == 302


def test_it_gives_rows_as_csv_that_no_spreadsheet_calculates(
    importer: Client, mixed_run: ImportRun
) -> None:
    answer = importer.get(reverse("imports:rows", args=[mixed_run.pk, "held"]))
    assert answer["Content-Type"].startswith("text/csv")
    rows = list(csv.reader(answer.getvalue().decode().splitlines()))
    assert rows[0][:3] == ["line", "system", "eval"]
    assert rows[1][:3] == ["3", "'=HYPERLINK(1)", "gpqa-diamond"]
    assert json.loads(rows[1][-1])["system"] == "=HYPERLINK(1)"


def test_it_withdraws_a_run_with_a_reason_and_reinstates_it(
    importer: Client, mixed_run: ImportRun
) -> None:
    address = reverse("imports:withdraw", args=[mixed_run.pk])
    assert b"Nothing is deleted" in importer.get(address).content
    assert importer.post(address, {"reason": ""}).status_code == 400
    assert importer.post(address, {"reason": "wrong prompt"}).status_code == 302
    newest = Decision.objects.order_by("-id").filter(
        score__import_run=mixed_run, reason="wrong prompt"
    )
    assert newest.exists() and {d.status for d in newest} == {"withdrawn"}
    back = reverse("imports:reinstate", args=[mixed_run.pk])
    assert importer.post(back, {"reason": "it was right"}).status_code == 302
    mixed_run.refresh_from_db()
    assert mixed_run.withdrawn_at is None


def test_it_withdraws_nothing_when_the_page_is_only_opened(
    importer: Client, mixed_run: ImportRun
) -> None:
    importer.get(reverse("imports:withdraw", args=[mixed_run.pk]))
    assert not Decision.objects.filter(status="withdrawn").exists()


def test_it_refuses_forms_from_elsewhere(mixed_run: ImportRun, django_user_model: type) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(django_user_model.objects.create_superuser("root"))  # type: ignore[attr-defined]
    for name in ("withdraw", "upload", "decide-name", "new-feed"):
        arguments = [mixed_run.pk] if name == "withdraw" else []
        answer = strict.post(reverse(f"imports:{name}", args=arguments), {"reason": "x"})
        assert answer.status_code == 403, name
