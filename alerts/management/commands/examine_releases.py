"""Look at every release that the present rules have not looked at."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from accounts import audit
from alerts import selectors, services


class Command(BaseCommand):
    """`manage.py examine_releases`"""

    help = (
        "Find the events of all releases that were not examined under the present rules: after an "
        "upgrade, or to wait for what the worker does by itself. Releases that were examined "
        "before, and reconstructed ones, alert nobody."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """Examine them, oldest first, and say how many there were."""
        count = 0
        with audit.command("examine_releases"):
            for release in selectors.unexamined_releases():
                services.examine_release(release)
                count += 1
        self.stdout.write(f"{count} releases were examined.")
