"""`manage.py verify_own`: are the releases of readers' own baskets still what they were?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from baskets.selectors import own_recorded


class Command(BaseCommand):
    """Exit status 1 where anything differs; each difference names the basket and the release."""

    help = (
        "Compare every release of readers' own baskets with its seal, with its row and with its "
        "parent's release, and compute it anew. Those made by another version of the engine are "
        "not computed anew."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--quick", action="store_true", help="compute nothing anew")

    def handle(self, *args: Any, **options: Any) -> None:
        count, bad = 0, 0
        for stored in own_recorded.every_own_release().iterator(chunk_size=100):
            count += 1
            found = list(own_recorded.own_differences(stored))
            if not found and not options["quick"]:
                found = [said for said in [own_recorded.rebuilt_differences(stored)] if said]
            bad += bool(found)
            for said in found:
                self.stdout.write(f"{stored.own.public_id} {stored.release.number}: {said}")
        if bad:
            raise CommandError(
                ngettext("%(n)d release is not as it was.", "%(n)d releases are not as they were.",
                         bad) % {"n": bad}
            )  # fmt: skip
        self.stdout.write(_("Releases of own baskets as they were: %(n)d.") % {"n": count})
