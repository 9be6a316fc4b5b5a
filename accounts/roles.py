"""Who may do what: the site's groups and the rights that each brings."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.models import User

VIEW_IMPORTS = "accounts.view_imports"
IMPORT_RESULTS = "accounts.import_results"
# A new system only says whose a result is; a new eval says how much every result on it is worth.
ADD_EVALS = "accounts.add_evals"
EDIT_BASKETS = "accounts.edit_baskets"
APPROVE_BASKETS = "accounts.approve_baskets"
VIEW_AUDIT = "accounts.view_audit"
MANAGE_ROLES = "accounts.manage_roles"

ADMINISTRATOR = "admin"

GROUPS: dict[str, tuple[str, ...]] = {
    "viewer": (VIEW_IMPORTS,),
    "importer": (VIEW_IMPORTS, IMPORT_RESULTS),
    "steward": (VIEW_IMPORTS, ADD_EVALS, EDIT_BASKETS, VIEW_AUDIT),
    "approver": (VIEW_IMPORTS, APPROVE_BASKETS, VIEW_AUDIT),
    ADMINISTRATOR: (
        VIEW_IMPORTS,
        IMPORT_RESULTS,
        ADD_EVALS,
        EDIT_BASKETS,
        APPROVE_BASKETS,
        VIEW_AUDIT,
        MANAGE_ROLES,
    ),
}
"""The rights of each group; the migrations write them into the database."""

View = Callable[..., HttpResponseBase]


def allowed_to(right: str) -> Callable[[View], View]:
    """A view for signed-in people with a right: others sign in first, or are refused with 403."""

    def guard(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.has_perm(right):
                raise PermissionDenied(right)
            return view(request, *args, **kwargs)

        return for_staff(login_required(guarded))

    return guard


def for_staff(view: View) -> View:
    """A view that whoever must sign in in two steps reaches only so; see accounts.middleware."""
    # Decorators put round the view later take the mark over.
    view.for_staff = True  # type: ignore[attr-defined]
    return view


def person(request: HttpRequest) -> User:
    """The one who is signed in; only for views behind `allowed_to`."""
    assert isinstance(request.user, User)
    return request.user
