"""`manage.py setup_site`: catalog, basket, first releases, admin; each only where missing."""

from __future__ import annotations

import secrets
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.models import User
from baskets.models import Basket, Recompute, Release
from baskets.services import recomputes
from baskets.services.shipped import load_shipped_baskets
from evals.models import Eval, ImportRun, Score, System
from evals.services import imports

PATIENCE = 900.0
PAUSE = 0.25


class Command(BaseCommand):
    """Imports through the running Celery worker and waits for it, saying how far it is."""

    help = "Import the shipped catalog, make the first releases and the admin account."

    def handle(self, *args: Any, **options: Any) -> None:
        self._import_catalog()
        baskets = load_shipped_baskets()
        for basket in baskets:
            if not basket.releases.filter(reconstructed=False).exists():
                self._first_release(basket)
        self._make_admin()

    def _import_catalog(self) -> None:
        shipped = ImportRun.objects.filter(
            shipped=True, content_sha256=imports.shipped_sha256(), state=ImportRun.State.DONE
        )
        run = shipped.first()
        if run is None:
            self.stdout.write("  Importing the shipped catalog")
            run = self._finished(imports.create_shipped_run())
        counts = ("read", "accepted", "duplicate", "held", "rejected")
        self.stdout.write("  " + " ".join(f"{name}={getattr(run, name)}" for name in counts))
        self.stdout.write(
            f"  The database holds {System.objects.count()} systems, {Eval.objects.count()} evals "
            f"and {Score.objects.count()} scores"
        )

    def _finished(self, run: ImportRun) -> ImportRun:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            run.refresh_from_db()
            if run.state == ImportRun.State.DONE:
                return run
            if run.state == ImportRun.State.FAILED:
                raise CommandError(f"The import of the catalog failed: {run.error}")
            time.sleep(PAUSE)
        raise CommandError("The worker has not imported the catalog; is it running?")

    def _first_release(self, basket: Basket) -> None:
        open_states = (Recompute.State.PENDING, Recompute.State.RUNNING)
        due = basket.recomputes.filter(state__in=open_states, due_at__lte=timezone.now())
        request = due.order_by("-id").first()
        if request is None:
            request = recomputes.request_release(
                basket, cause="First release of this installation", due_at=timezone.now()
            )
        self.stdout.write(f"  Computing the releases of {basket.name}, month by month")
        seen = 0
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for release in Release.objects.filter(basket=basket, number__gt=seen).order_by(
                "number"
            ):
                self.stdout.write(f"  Release {release.number}: {release.cause}")
                seen = release.number
            request.refresh_from_db()
            if request.state == Recompute.State.DONE:
                return
            if request.state == Recompute.State.FAILED:
                raise CommandError(f"The first release failed: {request.error}")
            time.sleep(PAUSE)
        raise CommandError("The worker has not made the first release; is it running?")

    def _make_admin(self) -> None:
        if User.objects.filter(is_superuser=True).exists():
            return
        password = secrets.token_urlsafe(12)
        User.objects.create_superuser("admin", "", password)
        self.stdout.write(f"  Sign in at /admin/ as admin with the password {password}")
