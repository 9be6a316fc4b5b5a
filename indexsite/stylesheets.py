"""Stylesheets that import others are sent as one file.

`static/css/site.css` only names its parts. A browser would ask for them one after the other before
it draws anything; `collectstatic` puts them in their places instead. With DEBUG on the parts are
read as they are, and a change of one shows on the next reload.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import InMemoryStorage, Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

IMPORT = re.compile(r'^@import url\("([^"/]+\.css)"\);\n?', re.MULTILINE)
Found = Mapping[str, tuple[Storage, str]]


class JoinedStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Whitenoise's hashed and compressed files, in which a stylesheet holds what it imports."""

    def post_process(
        self, paths: Found, dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str | None, bool | Exception]]:
        """Join, then hash and compress. Of `paths`, what was collected, the sources stay as is."""
        joined = {} if dry_run else {**paths, **joined_sheets(paths)}
        yield from super().post_process(joined, dry_run, **options)


def joined_sheets(paths: Found) -> dict[str, tuple[Storage, str]]:
    """The stylesheets that import files of their own folder, with these in place of the imports.

    Only lines of the form `@import url("name.css");` count. KeyError for a file that is not there.
    """
    made = InMemoryStorage()
    found: dict[str, tuple[Storage, str]] = {}
    for name in paths:
        text = _text(paths, name) if name.endswith(".css") else ""
        if IMPORT.search(text):
            found[name] = made, made.save(name, ContentFile(_joined(paths, name).encode()))
    return found


def _joined(paths: Found, name: str) -> str:
    folder = PurePosixPath(name).parent
    return IMPORT.sub(lambda m: _joined(paths, str(folder / m[1])), _text(paths, name))


def _text(paths: Found, name: str) -> str:
    storage, path = paths[name]
    with storage.open(path) as file:
        content: bytes = file.read()
    return content.decode()
