"""Write API of results, and what became of them."""

from __future__ import annotations

import datetime as dt
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.utils import timezone
from ninja import Query, Router, Schema
from ninja.security import HttpBearer

from accounts.models import ApiToken
from accounts.services.tokens import token_of
from evals import rates, tasks
from evals.bodies import Body, BodyRefused, received
from evals.models import ImportRun
from evals.readers import results
from evals.readers._fields import MOST_ITEMS
from evals.records import ScoreRecord
from evals.refusals import refusal
from evals.selectors import runs
from evals.services import postings
from evals.services.files import RESERVED

router = Router(tags=["results"])

ARRAY = "application/json"
LINES = ("application/x-ndjson", "application/jsonl", "application/ndjson")
# A larger body is imported as a file; a larger array would have to be held in memory.
FEW = 256 << 10
LARGEST_ARRAY = 16 << 20
LONGEST_KEY = 200
MOST_REASONS = 1000
# Some character, and nowhere one that the database cannot hold.
STORABLE = r"^[^\u0000]*$"
NAMED = r"^[^\u0000]*[^\u0000\s\u001c-\u001f\u0085][^\u0000]*$"
RESULT = """One result, in the eval's own unit.

`system` and `eval` are names that the site knows, or asks a person about. `stderr` is a standard
error; `low` and `high` bound a 95% interval. `unit` and `higher_is_better` are the source's own
words for what `value` is, `harness` names the tool that measured.
"""


class TokenAuth(HttpBearer):
    """A bearer token that may post results."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        """The token's row, None where the key is unknown, ended, or its owner may not import."""
        return token_of(token, scope=ApiToken.Scope.WRITE_RESULTS, now=timezone.now())


class AcceptedOut(Schema):
    """The import that will read the results, and where to ask what became of them."""

    import_run: int
    status_url: str


class RowOut(Schema):
    """A row that is no result, from 1; 0 means the body as a whole."""

    row: int
    reason: str


class RefusedOut(Schema):
    """Why a request was refused; nothing of it was stored."""

    title: str
    status: int
    detail: str
    rows: list[RowOut] = []
    rows_left_off: int = 0


class ReasonOut(Schema):
    """A row that did not become a score at once."""

    outcome: str
    line: int
    reason: str


class ImportOut(Schema):
    """What became of an import; `read` is the sum of the other four counts once it is done."""

    import_run: int
    state: str
    source: str
    created_at: dt.datetime
    finished_at: dt.datetime | None
    read: int
    accepted: int
    duplicate: int
    held: int
    rejected: int
    error: str
    reasons: list[ReasonOut]
    reasons_left_off: int


class Refusal(Exception):
    """A request that is refused, with its answer."""

    def __init__(self, status: int, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.answer = {"detail": detail, **more}


REFUSALS = dict.fromkeys((400, 408, 409, 411, 413, 415, 422, 429), RefusedOut)


def _bounded(name: str, found: dict[str, Any]) -> dict[str, Any]:
    """A member's schema, with what is refused at once although its type is right."""
    if name in ("system", "eval"):
        return {**found, "minLength": 1, "pattern": NAMED}
    if name == "n_items":
        kinds = [
            {**kind, "minimum": -MOST_ITEMS, "maximum": MOST_ITEMS}
            if kind.get("type") == "integer"
            else kind
            for kind in found["anyOf"]
        ]
        return {**found, "anyOf": kinds}
    if found.get("type") == "string" and "format" not in found:
        return {**found, "pattern": STORABLE}
    return found


def _result_schema() -> dict[str, Any]:
    """The members of a result, from the record itself."""
    (_whole,), parts = msgspec.json.schema_components([ScoreRecord], ref_template="#/{name}")
    schema: dict[str, Any] = dict(parts["ScoreRecord"])
    schema["title"], schema["description"] = "Result", RESULT
    schema["properties"] = {
        name: _bounded(name, found)
        for name, found in schema["properties"].items()
        if name in results.FIELDS
    }
    schema["required"] = ["system", "eval", "value", "observed_on"]
    return {**schema, "additionalProperties": False}


BODY = {
    "required": True,
    "content": {
        ARRAY: {"schema": {"type": "array", "minItems": 1, "items": _result_schema()}},
        LINES[0]: {"schema": {"type": "string", "description": "One result, as JSON, a line."}},
    },
}
KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "maxLength": LONGEST_KEY},
    "description": "The same key with the same body and source is the same import; else 409.",
}


@router.post(
    "/results",
    auth=TokenAuth(),
    response={202: AcceptedOut, **REFUSALS},
    summary="Post results",
    openapi_extra={"requestBody": BODY, "parameters": [KEY_HEADER]},
)
def post_results(
    request: HttpRequest,
    source: str = Query("", pattern=r"^([a-z0-9][a-z0-9_-]{0,49})?$", description="slug"),  # type: ignore[type-arg]
) -> HttpResponse:
    """Keep results to be imported: a JSON array, or one JSON object a line.

    A body with a row that is no result (a member missing, unknown or of another type) is refused
    whole with the reason of each such row, and nothing is stored. What is a result may still be
    held for its names or rejected for its value, as with every import: the status tells.
    """
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    allowance = rates.ask(f"token:{token.pk}", limit=settings.API_REQUESTS_PER_MINUTE)
    try:
        if allowance.spent:
            raise Refusal(429, "Too many requests in this minute.")
        run_id = _keep(request, token, _source(token, source))
        accepted = {"import_run": run_id, "status_url": _status_url(request, run_id)}
        answer: HttpResponse = JsonResponse(accepted, status=202)
    except Refusal as refused:
        answer = refusal(refused.status, **refused.answer)
    for name, value in allowance.headers().items():
        answer[name] = value
    return answer


def _keep(request: HttpRequest, token: ApiToken, source: str) -> int:
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise Refusal(400, f"Idempotency-Key takes up to {LONGEST_KEY} printable characters.")
    lines = _is_lines(request)
    largest = settings.LARGEST_POST if lines else min(LARGEST_ARRAY, settings.LARGEST_POST)
    try:
        with received(request, largest=largest, seconds=settings.POST_SECONDS) as body:
            return _stored(body, lines, token=token, source=source, key=key)
    except BodyRefused as refused:
        hint = "" if lines or refused.status != 413 else " Send more as newline-delimited JSON."
        raise Refusal(refused.status, f"{refused}{hint}") from None
    except postings.OtherRequest:
        reason = "This Idempotency-Key was used for another body or another source."
        raise Refusal(409, reason) from None
    except postings.BadResults as bad:
        raise Refusal(
            422,
            "Rows are no results; nothing was stored.",
            rows=[{"row": row, "reason": reason} for row, reason in bad.rows],
            rows_left_off=bad.more,
        ) from None


def _stored(body: Body, lines: bool, *, token: ApiToken, source: str, key: str) -> int:
    if lines and body.size > FEW:
        postings.check_lines(body.file)
        body.file.seek(0)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "results.ndjson"
            with path.open("wb") as copy:
                while piece := body.file.read(1 << 20):
                    copy.write(piece)
            return postings.post_file(path, token=token, source=source, key=key, sha256=body.sha256)
    content = body.file.read()
    values = postings.posted_lines(content) if lines else postings.array_of(content)
    run_id = postings.post_lines(
        postings.checked(values), token=token, source=source, key=key, sha256=body.sha256
    )
    tasks.hint_postings()
    return run_id


def _is_lines(request: HttpRequest) -> bool:
    kind = (request.content_type or "").lower()
    if kind not in (ARRAY, *LINES) or request.headers.get("Content-Encoding"):
        raise Refusal(415, f"Send {ARRAY} or {LINES[0]}, without Content-Encoding.")
    return kind in LINES


def _source(token: ApiToken, asked: str) -> str:
    if token.source and asked not in ("", token.source):
        raise Refusal(422, f"This token posts for the source {token.source} only.")
    if RESERVED in (token.source, asked):
        raise Refusal(422, f"The source {RESERVED} is reserved for the shipped catalog.")
    return token.source or asked or "api"


def _status_url(request: HttpRequest, run_id: int) -> str:
    return request.build_absolute_uri(reverse("api-v1:import_status", args=[run_id]))


@router.get(
    "/imports/{run_id}",
    auth=TokenAuth(),
    response=ImportOut,
    summary="What became of an import",
    url_name="import_status",
)
def import_status(request: HttpRequest, run_id: int) -> Any:
    """Counts and reasons of an import that the token's owner asked for."""
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    found = ImportRun.objects.select_related("source").filter(
        pk=run_id, requested_by=token.owner_id
    )
    if token.source:
        found = found.filter(source__slug=token.source)
    run = found.first()
    if run is None:
        raise Http404("There is no such import of yours.")
    return _status(run)


def _status(run: ImportRun) -> dict[str, Any]:
    reasons = runs.reasons_of(run, most=MOST_REASONS)
    named = ("state", "created_at", "finished_at", "read", "accepted", "duplicate", "held")
    return {
        "import_run": run.pk,
        "source": run.source.slug,
        **{name: getattr(run, name) for name in named},
        "rejected": run.rejected,
        "error": run.error,
        "reasons": [{"outcome": k, "line": line, "reason": why} for k, line, why in reasons],
        "reasons_left_off": max(0, run.held + run.rejected - len(reasons)),
    }
