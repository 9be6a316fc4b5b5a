"""The translators' catalogues: what is gathered, what a check finds."""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest

from indexsite import catalogues

CODE = """
from django.utils.translation import gettext as _, ngettext

plain = _("A plain sentence.")
held = _("%(count)s rows are held.") % {"count": 2}
many = ngettext("%(n)s release", "%(n)s releases", 3)
"""
PAGE = """{% load i18n %}<h1>{% translate "A page’s title" %}</h1>
{% blocktranslate count n=3 trimmed %}{{ n }} row{% plural %}{{ n }} rows{% endblocktranslate %}
<p title="{% translate "With a word" context "short" %}">not marked</p>"""
HANT = {
    "A plain sentence.": "一個句子。",
    "%(count)s rows are held.": "%(count)s 列待審。",
    "%(n)s release": "%(n)s 期發布",
    "A page’s title": "頁面標題",
    "%(n)s row": "%(n)s 列",
    "With a word": "一個詞",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A tree with one module and one template, and nothing translated."""
    (tmp_path / "evals").mkdir()
    (tmp_path / "evals" / "words.py").write_text(CODE, encoding="utf-8")
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(PAGE, encoding="utf-8")
    return tmp_path


def translated(root: Path, **changes: str) -> list[str]:
    """What the check says after the catalogue was filled."""
    catalog = catalogues.updated(root, "zh_Hant")
    catalogues.add(catalog, HANT | changes)
    catalogues.write(root, "zh_Hant", catalog)
    return catalogues.complaints(root, "zh_Hant")


def test_it_gathers_code_and_templates(root: Path) -> None:
    assert set(catalogues.missing(root, "zh_Hant")) == set(HANT)


def test_it_compiles_what_python_reads(root: Path) -> None:
    assert translated(root) == []
    with (catalogues.folder(root, "zh_Hant") / "django.mo").open("rb") as compiled:
        found = gettext.GNUTranslations(compiled)
    assert found.gettext("A plain sentence.") == "一個句子。"
    assert found.ngettext("%(n)s row", "%(n)s rows", 7) == "%(n)s 列"
    assert found.pgettext("short", "With a word") == "一個詞"


@pytest.mark.parametrize(
    ("source", "text", "complaint"),
    [
        ("A plain sentence.", "", "not translated"),
        ("%(count)s rows are held.", "列待審。", "other places to fill in"),
        ("%(count)s rows are held.", "%(n)s 列待審。", "other places to fill in"),
        ("A plain sentence.", "一个句子。", "characters of another script (个)"),
    ],
)
def test_it_finds_a_fault(root: Path, source: str, text: str, complaint: str) -> None:
    assert translated(root, **{source: text}) == [f"zh_Hant: {complaint}: {(source,)!r}"]


def test_it_finds_new_and_dropped_messages_and_a_stale_file(root: Path) -> None:
    assert translated(root) == []
    (root / "evals" / "words.py").write_text('from x import _\n_("New.")\n', encoding="utf-8")
    (catalogues.folder(root, "zh_Hant") / "django.mo").write_bytes(b"")
    said = "\n".join(catalogues.complaints(root, "zh_Hant"))
    assert "not in the catalogue: ('New.',)" in said
    assert "no longer said: ('A plain sentence.',)" in said
    assert "django.mo is not what django.po compiles to" in said


def test_it_refuses_a_translation_of_nothing(root: Path) -> None:
    with pytest.raises(KeyError, match="Never said"):
        catalogues.add(catalogues.updated(root, "zh_Hant"), {"Never said": "從未"})


def test_it_writes_the_same_bytes_again(root: Path) -> None:
    translated(root)
    path = catalogues.folder(root, "zh_Hant") / "django.po"
    before = path.read_bytes()
    catalogues.write(root, "zh_Hant", catalogues.updated(root, "zh_Hant"))
    assert path.read_bytes() == before
