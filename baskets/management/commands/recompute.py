"""`manage.py recompute`: a release of every basket, or of one, made here and now."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from baskets.models import Basket
from baskets.services import publishing, recomputes


class Command(BaseCommand):
    """Exit status 1 where a release could not be made; the reason is printed."""

    help = "Compute a release now, whatever the release policy says."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--basket", default="", help="slug; default every published basket")
        parser.add_argument("--cause", default="Asked for by the operator")

    def handle(self, *args: Any, **options: Any) -> None:
        baskets = publishing.baskets()
        if options["basket"]:
            baskets = [basket for basket in baskets if basket.slug == options["basket"]]
        if not baskets:
            raise CommandError("There is no published basket of that name.")
        for basket in baskets:
            self._release(basket, options["cause"])

    def _release(self, basket: Basket, cause: str) -> None:
        request = recomputes.request_release(basket, cause=cause, due_at=timezone.now())
        release = recomputes.run_due(basket.pk)
        if release is None:
            request.refresh_from_db()
            reason = request.error or "another worker is computing it"
            raise CommandError(f"{basket.slug}: no release was made: {reason}")
        self.stdout.write(f"{basket.slug}: release {release.number}, sha256 {release.sha256}")
