"""Files that people send, and the form for tables that no reader knows."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST

from accounts.roles import IMPORT_RESULTS, allowed_to, person
from evals.forms import MOST_FILES, Upload, UploadForm
from evals.mapping_form import MappingForm
from evals.models import ImportRun, WaitingUpload
from evals.readers import table
from evals.records import UnreadableFile
from evals.services import arrivals
from evals.services.files import own_name

TOO_LARGE = 413
PREVIEW_ROWS = 20
PIECE = 1 << 20


@dataclass
class Received:
    """What became of the files of one form."""

    runs: list[ImportRun] = field(default_factory=list)
    waiting: list[WaitingUpload] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


@never_cache
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponseBase:
    """Refuse what is too large, and whoever may not import, before any of it is read.

    The check against forged requests reads the body, so it comes last.
    """
    announced = request.META.get("CONTENT_LENGTH") or "0"
    if int(announced) > settings.LARGEST_UPLOAD + PIECE:
        context = {"section": "imports", "room": "upload", "most": settings.LARGEST_UPLOAD >> 20}
        return render(request, "imports/too_large.html", context, status=TOO_LARGE)
    return _upload(request)


@allowed_to(IMPORT_RESULTS)
@csrf_protect
def _upload(request: HttpRequest) -> HttpResponseBase:
    form = UploadForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    received = Received()
    if form.is_bound and form.is_valid():
        received = _receive(request, form)
        if not received.refused:
            return _onward(request, received)
    context = {
        "section": "imports",
        "room": "upload",
        "form": form,
        "received": received,
        "waiting": WaitingUpload.objects.filter(by=person(request)),
        "most": settings.LARGEST_UPLOAD >> 20,
        "most_files": MOST_FILES,
    }
    status = 400 if form.errors else 422 if received.refused else 200
    return render(request, "imports/upload.html", context, status=status)


def _receive(request: HttpRequest, form: UploadForm) -> Received:
    received = Received()
    for file in form.cleaned_data["uploads"]:
        with _as_path(file) as path:
            try:
                run = arrivals.create_run_for(
                    path,
                    source=form.cleaned_data["source"],
                    requested_by=person(request),
                    format_name=form.cleaned_data["format"],
                    dated=form.cleaned_data["dated"],
                    system=form.cleaned_data["system"],
                )
                received.runs.append(run)
            except arrivals.NeedsMapping:
                received.waiting.append(
                    arrivals.keep_waiting(
                        path,
                        name=path.name,
                        source=form.cleaned_data["source"],
                        by=person(request),
                        dated=form.cleaned_data["dated"],
                    )
                )
            except UnreadableFile as error:
                received.refused.append(str(error))
    return received


def _onward(request: HttpRequest, received: Received) -> HttpResponse:
    """To the table that waits, to the one run, or to the list."""
    if received.waiting:
        if received.runs:
            text = _("%(n)s other files are being imported.") % {"n": len(received.runs)}
            messages.info(request, text)
        return redirect("imports:mapping", received.waiting[0].pk)
    if len(received.runs) == 1:
        return redirect("imports:run", received.runs[0].pk)
    return redirect("imports:runs")


@contextmanager
def _as_path(file: Upload) -> Iterator[Path]:
    """The sent file under its own name."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / own_name(file.name or "")
        with path.open("wb") as copy:
            for piece in file.chunks(PIECE):
                copy.write(piece)
        yield path


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_to(IMPORT_RESULTS)
def mapping(request: HttpRequest, upload_id: int) -> HttpResponse:
    """The first rows of a table and the form that asks what its columns mean.

    The form is checked against the file before anything is imported.
    """
    found = get_object_or_404(WaitingUpload, pk=upload_id, by=person(request))
    with _kept(found) as path:
        shown = table.preview(path, rows=PREVIEW_ROWS)
        form = MappingForm(
            request.POST if request.method == "POST" else None,
            header=shown.header,
            suggested=shown.suggested,
            initial={"name": Path(found.name).stem[:100]},
        )
        records = _tried(form, path, found) if form.is_bound and form.is_valid() else []
        if not form.errors and "import" in request.POST and (run := _import(form, path, found)):
            return redirect("imports:run", run.pk)
    context = {
        "section": "imports",
        "room": "upload",
        "upload": found,
        "preview": shown,
        "cells": [[row.get(name, "") for name in shown.header] for row in shown.rows],
        "form": form,
        "records": records,
    }
    status = 400 if form.errors else 200
    return render(request, "imports/mapping.html", context, status=status)


def _tried(form: MappingForm, path: Path, upload: WaitingUpload) -> list[object]:
    """The first rows as the mapping reads them; what is wrong with it becomes the form's error."""
    try:
        return list(arrivals.tried(path, form.mapping(), dated=upload.dated))
    except UnreadableFile as error:
        form.add_error(None, str(error))
        return []


def _import(form: MappingForm, path: Path, upload: WaitingUpload) -> ImportRun | None:
    try:
        saved = arrivals.save_mapping(
            name=form.cleaned_data["name"],
            header=form.header,
            mapping=form.mapping(),
            by=upload.by,
        )
    except ValidationError as error:
        form.add_error("name", error)
        return None
    return arrivals.import_waiting(upload, path, saved)


@contextmanager
def _kept(upload: WaitingUpload) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / own_name(upload.name, "table")
        with upload.file.open("rb") as stored, path.open("wb") as copy:
            for piece in stored.chunks(PIECE):
                copy.write(piece)
        yield path


@require_POST
@allowed_to(IMPORT_RESULTS)
def forget(request: HttpRequest, upload_id: int) -> HttpResponse:
    """Give a table up that waited to be explained."""
    arrivals.give_up(get_object_or_404(WaitingUpload, pk=upload_id, by=person(request)))
    return redirect("imports:upload")
