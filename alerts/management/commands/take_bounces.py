"""`manage.py take_bounces [PATH]`: read mail that came back and stop writing to dead addresses.

Without a path one mail is read from standard input, as a mail server pipes it. A path is a Maildir,
whose mails are read and then deleted, or an mbox file, which is left as it is.
"""

from __future__ import annotations

import mailbox
import sys
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.audit import command
from alerts.services.bounces import LARGEST, take_bounce


class Command(BaseCommand):
    """Take mail that came back."""

    help = "Read mail that came back, from standard input, a Maildir or an mbox file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Where the mails are."""
        parser.add_argument("path", nargs="?", type=Path, help="a Maildir or an mbox file")

    def handle(self, *args: Any, path: Path | None, **options: Any) -> None:
        """Read each mail and say how many there were of each outcome; no address is printed."""
        with command("take_bounces"):
            counts = Counter(take_bounce(raw).value for raw in _mails(path))
        said = " ".join(f"{name}={counts[name]}" for name in sorted(counts))
        self.stdout.write(said or "no mail")


def _mails(path: Path | None) -> Iterator[bytes]:
    if path is None:
        yield sys.stdin.buffer.read(LARGEST)
    elif path.is_dir():
        folder = mailbox.Maildir(path, create=False)
        for key in sorted(folder.keys()):
            yield folder.get_bytes(key)
            # Once it is read; one that breaks the reading stays.
            folder.discard(key)
    elif path.is_file():
        box = mailbox.mbox(path, create=False)
        yield from (box.get_bytes(key) for key in box.iterkeys())
    else:
        raise CommandError(f"There is neither a Maildir nor an mbox file at {path}.")
