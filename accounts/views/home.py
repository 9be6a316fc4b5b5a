"""A person's account: what it is, where it is signed in, and its end."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.forms import DeletionForm
from accounts.roles import person
from accounts.services.deletion import NotForStaff, delete_account, must_stay
from accounts.services.sessions import end_sessions, other_sessions, sessions_of
from accounts.two_step import has_second_step, must_set_up


@never_cache
@login_required
def account(request: HttpRequest) -> HttpResponse:
    """What the account is known by, what it may do, and how it is protected."""
    user = person(request)
    context = {
        "room": "account",
        "email": EmailAddress.objects.get_primary_email(user) or user.email,
        "roles": list(user.groups.order_by("name").values_list("name", flat=True)),
        "second_step": has_second_step(user),
        "second_step_due": must_set_up(user),
    }
    return render(request, "accounts/account.html", context)


@never_cache
@login_required
def sessions(request: HttpRequest) -> HttpResponse:
    """Where the person is signed in, and which tokens speak for them."""
    user = person(request)
    now = timezone.now()
    context = {
        "room": "sessions",
        "sessions": sessions_of(user, current=request.session.session_key),
        "tokens": [(token, token.state(now)) for token in user.api_tokens.all()],
    }
    return render(request, "accounts/sessions.html", context)


@require_POST
@login_required
def end_session(request: HttpRequest, session_id: int) -> HttpResponse:
    """Sign one of the person's own sessions out; their present one too."""
    user = person(request)
    session = get_object_or_404(UserSession, pk=session_id, user=user)
    if session.session_key == request.session.session_key:
        logout(request)
        session.delete()
        return redirect("account_login")
    end_sessions([session])
    messages.success(request, _("That session was signed out."))
    return redirect("sessions")


@require_POST
@login_required
def end_others(request: HttpRequest) -> HttpResponse:
    """Sign every other session of the person out."""
    count = end_sessions(other_sessions(person(request), request.session.session_key))
    text = ngettext(
        "%(count)d session was signed out.", "%(count)d sessions were signed out.", count
    )
    messages.success(request, text % {"count": count})
    return redirect("sessions")


@never_cache
@login_required
@reauthentication_required  # type: ignore[untyped-decorator]
def delete(request: HttpRequest) -> HttpResponse:
    """Delete the account once its name was written; accounts with a role are not deleted here."""
    user = person(request)
    form = DeletionForm(request.POST or None, name=user.get_username())
    if request.method == "POST" and form.is_valid():
        try:
            delete_account(user)
        except NotForStaff:
            return redirect("delete-account")
        logout(request)
        return render(request, "accounts/deleted.html")
    context = {"room": "delete", "form": form, "must_stay": must_stay(user)}
    return render(request, "accounts/delete.html", context, status=400 if form.errors else 200)
