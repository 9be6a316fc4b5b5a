"""A person's tokens: made, shown once, revoked."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import TokenForm
from accounts.models import ApiToken
from accounts.roles import IMPORT_RESULTS, allowed_to, person
from accounts.services.tokens import make_token, revoke_token


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_to(IMPORT_RESULTS)
def tokens(request: HttpRequest) -> HttpResponse:
    """The list and the form; the answer to the form is the only page that shows a key."""
    form = TokenForm(request.POST if request.method == "POST" else None)
    key = ""
    if form.is_bound and form.is_valid():
        _token, key = make_token(
            owner=person(request),
            name=form.cleaned_data["name"],
            scopes=[ApiToken.Scope.WRITE_RESULTS],
            source=form.cleaned_data["source"],
            expires_at=form.expires_at(timezone.now()),
        )
        form = TokenForm()
    return _page(request, form, key)


def _page(request: HttpRequest, form: TokenForm, key: str) -> HttpResponse:
    now = timezone.now()
    rows = [(token, token.state(now)) for token in person(request).api_tokens.all()]
    context = {"section": "imports", "room": "tokens", "form": form, "key": key, "rows": rows}
    return render(request, "accounts/tokens.html", context, status=400 if form.errors else 200)


@require_POST
@login_required
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """End one of the person's own tokens, also where they may make none any more."""
    revoke_token(get_object_or_404(ApiToken, pk=token_id, owner=person(request)))
    return redirect("sessions" if request.POST.get("from") == "sessions" else "tokens")
