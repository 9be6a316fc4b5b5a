"""`messages`: bring the translators' catalogues up to date, or check that nothing is missing."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from itertools import chain
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError


class Command(BaseCommand):
    """Writes `locale/*/LC_MESSAGES/django.{po,mo}` from the code; `--check` only looks."""

    help = "Gather the site's messages, add translations, compile; --check fails on any gap."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--check", action="store_true", help="fail on a gap, write nothing")
        parser.add_argument(
            "--missing", metavar="LOCALE", help="print what is not translated, as JSON"
        )
        parser.add_argument(
            "--add", nargs=2, metavar=("LOCALE", "FILE"), help="add a JSON object of translations"
        )

    def handle(self, *args: object, **options: Any) -> None:
        # The development environment has Babel; a running site does not need it.
        from indexsite import catalogues

        root = Path(settings.BASE_DIR)
        if options["check"]:
            found = [catalogues.complaints(root, locale) for locale in catalogues.LOCALES]
            if any(found):
                raise CommandError("\n".join(chain(*found)))
            self.stdout.write("The catalogues are complete.")
        elif locale := options["missing"]:
            texts = catalogues.missing(root, locale)
            self.stdout.write(json.dumps(texts, ensure_ascii=False, indent=0))
        else:
            for locale in catalogues.LOCALES:
                catalog = catalogues.updated(root, locale)
                if options["add"] and options["add"][0] == locale:
                    given = json.loads(Path(options["add"][1]).read_text(encoding="utf-8"))
                    catalogues.add(catalog, given)
                catalogues.write(root, locale, catalog)
