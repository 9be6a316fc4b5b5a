"""`manage.py release_bundle N`: the bytes that a release's SHA-256 seals."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from baskets.selectors import releases


class Command(BaseCommand):
    """Exit status 1 where there is no such release or the file cannot be written."""

    help = "Write a release's sealed bundle, byte for byte, to standard output or to a file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("number", type=int)
        parser.add_argument("--basket", default=releases.OFFICIAL_BASKET, help="slug")
        parser.add_argument("--output", type=Path, help="file; standard output without it")

    def handle(self, *args: Any, **options: Any) -> None:
        release = releases.numbered(options["number"], options["basket"])
        if release is None:
            raise CommandError(f"{options['basket']} has no release {options['number']}.")
        text = releases.bundle_text(release)
        if options["output"] is None:
            # Past Django's own writer, which would add the end of a line.
            sys.stdout.buffer.write(text)
            sys.stdout.flush()
            return
        try:
            options["output"].write_bytes(text)
        except OSError as error:
            raise CommandError(f"{options['output']}: {error.strerror}") from error
        self.stderr.write(f"{options['output']}: {len(text):,} bytes, SHA-256 {release.sha256}")
