"""Uploads: files find their reader, unknown tables their meaning, once and for all."""

from __future__ import annotations

import gzip
import io
import zipfile
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from evals.models import HeldRow, ImportRun, SavedMapping, Score, WaitingUpload
from evals.services import imports
from tests.evals.readers.test_archive import RUN
from tests.evals.readers.test_hub import FULL
from tests.evals.web.conftest import line

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("names")]

TABLE = "Model,Bench,Acc,When\ngpt-4o,gpqa-diamond,53.6,2024-06-01\ngpt-4o,horizon,12,2024-06-02\n"
MEANING = {
    "system": "Model",
    "eval": "Bench",
    "value": "Acc",
    "observed_on": "When",
    "same-reported_by": "third_party",
    "dates": "year-month-day",
    "name": "Our table",
}


def upload(client: Client, *files: tuple[str, bytes], **form: str) -> Any:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    fields = {"source": "lab", "format": "", "dated": "", **form}
    return client.post(reverse("imports:upload"), {**fields, "uploads": sent})


def imported() -> ImportRun:
    run = imports.run_import(ImportRun.objects.latest("pk").pk)
    assert run is not None
    return run


def test_it_imports_a_file_by_its_content(importer: Client) -> None:
    answer = upload(importer, ("anything.bin", gzip.compress(line().encode())))
    run = imported()
    assert answer["Location"] == f"/imports/{run.pk}/"
    assert (run.name, run.source.slug, run.accepted) == ("anything.bin", "lab", 1)
    assert run.requested_by is not None and run.requested_by.username == "importer-person"


def test_a_person_gives_the_date_and_the_system_that_files_leave_out(importer: Client) -> None:
    upload(importer, ("hle.yaml", FULL.encode()), dated="2026-02-03", system="GPT-4o")
    imported()
    held = HeldRow.objects.order_by("line").values_list("system_name", "record__observed_on")
    assert list(held) == [("GPT-4o", "2025-01-15"), ("GPT-4o", "2026-02-03")]
    upload(importer, ("run.zip", zipped_run()), dated="2026-02-03")
    assert imported().held == 1


def zipped_run() -> bytes:
    """A run of HELM as people send it."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in RUN.items():
            archive.writestr(f"r/{name}", text)
    return target.getvalue()


def test_it_takes_several_files(importer: Client) -> None:
    answer = upload(importer, ("a.jsonl", line().encode()), ("b.jsonl", line(value=2).encode()))
    assert answer["Location"] == "/imports/" and ImportRun.objects.count() == 2


def test_it_names_a_file_that_no_reader_knows_and_keeps_the_others(importer: Client) -> None:
    answer = upload(importer, ("a.png", b"\x89PNG\r\n"), ("b.jsonl", line().encode()))
    assert answer.status_code == 422
    assert b"a.png: no reader knows this format" in answer.content
    assert ImportRun.objects.get().name == "b.jsonl"


def test_it_refuses_what_is_too_large_before_reading_it(
    importer: Client, settings: Settings
) -> None:
    settings.LARGEST_UPLOAD = 10 << 20
    address = reverse("imports:upload")
    answer = importer.post(address, {"x": "y"}, headers={"Content-Length": str(12 << 20)})
    assert answer.status_code == 413 and b"At most 10 MB" in answer.content


def test_it_refuses_one_file_that_is_too_large(importer: Client, settings: Settings) -> None:
    settings.LARGEST_UPLOAD = 5
    answer = upload(importer, ("a.jsonl", line().encode()))
    assert answer.status_code == 400 and not ImportRun.objects.exists()


def test_it_says_that_a_file_is_missing(importer: Client) -> None:
    nameless = io.BytesIO(line().encode())
    nameless.name = ".."
    for files in ([], [nameless]):
        form = {"source": "lab", "uploads": files}
        answer = importer.post(reverse("imports:upload"), form)
        assert answer.status_code == 400 and b"This field is required" in answer.content


def test_it_takes_a_file_whose_name_is_too_long(importer: Client) -> None:
    upload(importer, ("é" * 120 + ".jsonl", line().encode()))
    run = imported()
    assert run.accepted == 1 and run.name.endswith("é.jsonl")


def test_it_refuses_the_source_of_the_shipped_catalog(importer: Client) -> None:
    answer = upload(importer, ("a.jsonl", line().encode()), source="catalog")
    assert answer.status_code == 400 and not ImportRun.objects.exists()


def test_it_reads_nothing_of_what_a_stranger_sends(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[object] = []
    monkeypatch.setattr("django.http.HttpRequest.parse_file_upload", lambda *a: read.append(a))
    stranger = Client(enforce_csrf_checks=True)
    assert upload(stranger, ("a.jsonl", line().encode())).status_code == 302
    assert read == []


def test_the_name_of_a_file_leads_nowhere(importer: Client) -> None:
    upload(importer, ("..\\..\\evil.jsonl", line().encode()))
    run = ImportRun.objects.get()
    assert run.name == "evil.jsonl" and ".." not in str(run.file.name)


def test_it_asks_once_what_the_columns_of_a_table_mean(importer: Client) -> None:
    answer = upload(importer, ("t.csv", TABLE.encode()))
    waits = WaitingUpload.objects.get()
    assert answer["Location"] == f"/imports/upload/{waits.pk}/"
    page = importer.get(answer["Location"]).content.decode()
    assert "gpqa-diamond" in page and '<option value="Model" selected>' in page
    answer = importer.post(answer["Location"], {**MEANING, "import": "1"})
    run = imported()
    assert answer["Location"] == f"/imports/{run.pk}/" and run.accepted == 2
    assert not WaitingUpload.objects.exists()
    upload(importer, ("u.csv", TABLE.replace("53.6", "54.6").encode()))
    assert imported().accepted == 1 and Score.objects.count() == 3


def test_it_shows_how_the_first_rows_are_read_and_imports_nothing(importer: Client) -> None:
    upload(importer, ("t.csv", (TABLE + "gpt-4o,horizon,much,2024-06-02\n").encode()))
    address = reverse("imports:mapping", args=[WaitingUpload.objects.get().pk])
    page = importer.post(address, {**MEANING, "check": "1"}).content.decode()
    assert "So the first rows are read" in page and "53.6" in page and "Refused:" in page
    assert not ImportRun.objects.exists() and not SavedMapping.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"system": ""},
        {"value": "", "same-value": ""},
        {"same-system": "gpt-4o"},
        {"dates": "weekday"},
        {"name": ""},
        {"system": "Nobody"},
    ],
)
def test_it_says_what_a_mapping_lacks(importer: Client, wrong: dict[str, str]) -> None:
    upload(importer, ("t.csv", TABLE.encode()))
    address = reverse("imports:mapping", args=[WaitingUpload.objects.get().pk])
    answer = importer.post(address, {**MEANING, "import": "1", **wrong})
    assert answer.status_code == 400
    assert not ImportRun.objects.exists() and not SavedMapping.objects.exists()


def test_a_name_stays_with_its_table(importer: Client) -> None:
    for header in ("Model,Bench,Acc,When", "Model,Bench,Acc,When,More"):
        content = f"{header}\ngpt-4o,gpqa-diamond,5,2024-06-01{',x' * header.count('More')}\n"
        upload(importer, ("t.csv", content.encode()))
        address = reverse("imports:mapping", args=[WaitingUpload.objects.get().pk])
        answer = importer.post(address, {**MEANING, "import": "1"})
    assert answer.status_code == 400 and b"belongs to a table" in answer.content


def test_nobody_explains_the_table_of_another(importer: Client, django_user_model: Any) -> None:
    upload(importer, ("t.csv", TABLE.encode()))
    other = Client()
    other.force_login(django_user_model.objects.create_superuser("root"))
    address = reverse("imports:mapping", args=[WaitingUpload.objects.get().pk])
    assert other.get(address).status_code == 404


def test_it_gives_a_table_up(importer: Client, django_capture_on_commit_callbacks: Any) -> None:
    upload(importer, ("t.csv", TABLE.encode()))
    waits = WaitingUpload.objects.get()
    storage, name = waits.file.storage, str(waits.file.name)
    assert storage.exists(name)
    with django_capture_on_commit_callbacks(execute=True):
        importer.post(reverse("imports:forget", args=[waits.pk]))
    assert not WaitingUpload.objects.exists() and not storage.exists(name)
