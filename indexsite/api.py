"""The public API: each room brings its own router; errors, documentation and schema are here."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.openapi.docs import Swagger
from ninja.openapi.schema import OpenAPISchema

from alerts.api import router as alerts_router
from baskets.api import router as baskets_router
from evals.api import router as evals_router
from evals.refusals import PROBLEM, refusal

ABOUT = """
What is measured, what counts, and what the index makes of it. Reading needs no key and is open to
every origin; posting results needs a token.

* `as_of=YYYY-MM-DD` answers with what was known on that date, `release=19` with what that release
  knew.
* Lists come in pages: `next` is the address of the following one. Rows that come in meanwhile
  shift nothing.
* Every answer has an `ETag`; asked again with `If-None-Match` it is `304` while it is the same.
* `RateLimit` and `RateLimit-Policy` say how often you may ask; after `429` wait for `Retry-After`
  seconds.
* What is refused is answered as `application/problem+json` (RFC 9457).
* Every number is that of a release, sealed by a hash: cite the release with it.
"""
TAGS = [
    {"name": "index", "description": "The index as one release states it"},
    {"name": "releases", "description": "Editions of the index"},
    {"name": "systems", "description": "Models and products"},
    {"name": "evals", "description": "What they are measured with"},
    {"name": "scores", "description": "Results as their sources state them"},
    {"name": "baskets", "description": "Weights and links"},
    {"name": "own baskets", "description": "Releases under readers' own weights"},
    {"name": "events", "description": "What happened in releases, with cause and noise"},
    {"name": "comparing", "description": "Why and how surely systems differ"},
    {"name": "results", "description": "Posting results, with a token"},
]
PROBLEM_SCHEMA = {
    "title": "Problem",
    "description": "Why a request was refused (RFC 9457).",
    "type": "object",
    "required": ["title", "status", "detail"],
    "properties": {
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {
            "type": "array",
            "description": "each parameter that was refused",
            "items": {
                "type": "object",
                "required": ["where", "reason"],
                "properties": {"where": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
    },
}
REFUSALS = {
    401: "The token is missing, unknown or has ended.",
    404: "It is not there, or was not known on that date.",
    422: "A parameter cannot be read.",
    429: "Too many requests in this minute.",
}


class Api(NinjaAPI):
    """The API with its refusals in its description."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """The description, with the ways in which each operation may refuse."""
        schema = super().get_openapi_schema(**options)
        schema["tags"] = TAGS
        schema["components"]["schemas"]["Problem"] = PROBLEM_SCHEMA
        for operations in schema["paths"].values():
            for operation in operations.values():
                _describe_refusals(operation)
        return schema


def _describe_refusals(operation: dict[str, Any]) -> None:
    answers = operation["responses"]
    for status, text in REFUSALS.items():
        if status != 401 or operation.get("security"):
            answers.setdefault(status, {"description": text})
    for status, answer in answers.items():
        if int(status) >= 400:
            told = answer.get("content", {}).get("application/json")
            shape = told or {"schema": {"$ref": "#/components/schemas/Problem"}}
            answer["content"] = {PROBLEM: shape}


api = Api(
    title="AGI Index",
    version="1",
    urls_namespace="api-v1",
    description=ABOUT,
    servers=[{"url": "/"}],
    docs=Swagger(settings={"docExpansion": "list", "defaultModelsExpandDepth": 0}),
    docs_url="/docs",
)
api.add_router("", baskets_router)
api.add_router("", alerts_router)
api.add_router("", evals_router)


@api.exception_handler(Http404)
def not_there(request: HttpRequest, error: Http404) -> HttpResponse:
    """404 with the reason that the view gave."""
    return refusal(404, str(error) if error.args and isinstance(error.args[0], str) else "")


@api.exception_handler(HttpError)
def refused(request: HttpRequest, error: HttpError) -> HttpResponse:
    """The status and reason that the view gave; a token that is asked for is named (RFC 6750)."""
    answer = refusal(error.status_code, str(error))
    if error.status_code == 401:
        answer["WWW-Authenticate"] = "Bearer"
    return answer


@api.exception_handler(ValidationError)
def unreadable(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """422 with each parameter that cannot be read."""
    errors = [
        {"where": ".".join(str(part) for part in found["loc"]), "reason": str(found["msg"])}
        for found in error.errors
    ]
    detail = "; ".join(f"{row['where']}: {row['reason']}" for row in errors)
    return refusal(422, detail, errors=errors)
