"""A page asks for one stylesheet, which holds its parts in their order."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles.finders import find
from django.core.files.storage import FileSystemStorage

from indexsite.stylesheets import IMPORT, JoinedStaticFilesStorage

SHEETS = Path(settings.BASE_DIR) / "static" / "css"
PARTS = {
    "css/site.css": '/* Of two. */\n@import url("one.css");\n@import url("two.css");\n',
    "css/one.css": ".one {\n  color: red;\n}\n",
    "css/two.css": ".two {\n  background: url(../two.svg);\n}\n",
    "two.svg": "<svg/>",
}


@pytest.fixture
def collected(tmp_path: Path) -> tuple[JoinedStaticFilesStorage, dict[str, str]]:
    source, target = tmp_path / "source", JoinedStaticFilesStorage(tmp_path / "target", "/static/")
    for name, text in PARTS.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text)
        (tmp_path / "target" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "target" / name).write_text("of an earlier time")
    found = {name: (FileSystemStorage(source), name) for name in PARTS}
    assert not [done for *_, done in target.post_process(found) if isinstance(done, Exception)]
    return target, json.loads((tmp_path / "target" / "staticfiles.json").read_text())["paths"]


def test_it_puts_parts_in_place_of_their_imports(
    collected: tuple[JoinedStaticFilesStorage, dict[str, str]],
) -> None:
    target, names = collected
    text = target.open(names["css/site.css"]).read().decode()
    assert "@import" not in text
    assert text.index("Of two") < text.index("color: red") < text.index("background")
    assert f'url("../{names["two.svg"]}")' in text


@pytest.mark.parametrize("name", ["site", "embed"])
def test_it_knows_every_import_of_the_sheets_that_pages_name(name: str) -> None:
    text = (SHEETS / f"{name}.css").read_text()
    parts = IMPORT.findall(text)
    assert len(parts) == text.count("@import") > 2
    assert all(find(f"css/{part}") for part in parts)


def test_it_leaves_no_template_with_more_than_two_blocking_sheets() -> None:
    for path in (Path(settings.BASE_DIR) / "templates").rglob("*.html"):
        links = re.findall(r'rel="stylesheet"(?![^>]*media="print")', path.read_text())
        assert len(links) <= (3 if path.name == "embed.html" else 2), path
