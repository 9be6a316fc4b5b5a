"""The stored parts of bundles, read back by their keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from django.db import connection
from django.utils.translation import gettext as _
from psycopg import Cursor

from baskets.pieces import BrokenPiece, key_of, keys_in, unpack

# At most some megabytes each.
AT_A_TIME = 8
CONTENTS = "SELECT sha256, content FROM baskets_piece WHERE sha256 = ANY(%s)"


def part_texts(
    keys: Sequence[str], known: Mapping[str, bytes] | None = None, *, checked: bool = False
) -> Iterator[bytes]:
    """The texts of parts in the order of their keys; BrokenPiece where one is missing.

    known: texts that need not be read. `checked` compares each with its key, which takes as long
    as a hash over all of them.
    """
    known = known or {}
    rest = iter(keys)
    while some := list(islice(rest, AT_A_TIME)):
        asked = [key for key in some if key not in known]
        stored = _contents(asked) if asked else {}
        for key in some:
            if key in known:
                yield known[key]
            elif key in stored:
                yield _text(key, stored[key], checked=checked)
            else:
                raise BrokenPiece(_("piece %(key)s is missing") % {"key": _short(key)})


def _contents(keys: Sequence[str]) -> dict[str, bytes]:
    """The stored contents by key; taken as they are, for as text they would have twice the size."""
    connection.ensure_connection()
    with connection.wrap_database_errors, Cursor(connection.connection) as cursor:
        cursor.execute(CONTENTS, [list(keys)], binary=True)
        return dict(cursor.fetchall())


def listed_texts(left_out: str, *, checked: bool = False) -> Iterator[bytes]:
    """The texts of the parts that the part of a key lists."""
    (text,) = part_texts([left_out], checked=checked)
    yield from part_texts(keys_in(text), checked=checked)


def _text(key: str, content: bytes, *, checked: bool) -> bytes:
    text = unpack(content)
    if checked and key_of(text) != key:
        said = _("the content of piece %(key)s is not that of its key")
        raise BrokenPiece(said % {"key": _short(key)})
    return text


def _short(key: str) -> str:
    return f"{key[:16]}…"
