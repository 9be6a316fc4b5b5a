"""Feeds and watched folders: what they brought, and what went wrong."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.roles import IMPORT_RESULTS, VIEW_IMPORTS, allowed_to, person
from evals.forms import FeedForm
from evals.models import Feed
from evals.selectors import arriving
from evals.services import feeding


@never_cache
@require_safe
@allowed_to(VIEW_IMPORTS)
def feeds(request: HttpRequest) -> HttpResponse:
    """All feeds with their newest attempts, and the watched folders with their files."""
    context = {
        "section": "imports",
        "room": "feeds",
        "states": arriving.feed_states(),
        "folders": [
            (source, folder, settings.WATCH_DATES.get(source), settings.WATCH_SYSTEMS.get(source))
            for source, folder in settings.WATCH_FOLDERS.items()
        ],
        "files": arriving.watched_files(),
    }
    return render(request, "imports/feeds.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@allowed_to(IMPORT_RESULTS)
def feed(request: HttpRequest, feed_id: int | None = None) -> HttpResponse:
    """The form of a new or a known feed."""
    found = get_object_or_404(Feed, pk=feed_id) if feed_id is not None else None
    form = FeedForm(request.POST if request.method == "POST" else None, instance=found)
    if form.is_bound and form.is_valid():
        feeding.keep_feed(
            form.save(commit=False), source=form.cleaned_data["source_name"], by=person(request)
        )
        return redirect("imports:feeds")
    context = {"section": "imports", "room": "feeds", "form": form, "feed": found}
    return render(request, "imports/feed.html", context, status=400 if form.errors else 200)


@require_POST
@allowed_to(IMPORT_RESULTS)
def fetch(request: HttpRequest, feed_id: int) -> HttpResponse:
    """Make a feed due now; a worker asks it within a minute."""
    feeding.ask_again(get_object_or_404(Feed, pk=feed_id))
    messages.info(request, _("The feed is asked within a minute."))
    return redirect("imports:feeds")
