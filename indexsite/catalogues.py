"""The translators' catalogues: gathered from the code, compiled, and checked for gaps.

Babel reads and writes them, so no gettext tools need to be installed. Commands of the terminal
speak English only and are passed over. JavaScript has no words of its own: pages hand them over.
"""

from __future__ import annotations

import ast
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

LOCALES = {"zh_Hant": "big5", "zh_Hans": "gb2312"}
"""Each locale with the character set that holds its characters and not those of the other."""
ROOMS = ("indexsite", "accounts", "evals", "baskets", "alerts")
APART = {"migrations", "management", "engine", "run"}
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}
TEXT = r"""u?(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")"""
CALL = re.compile(rf"\b(n?)(p?)gettext\(({TEXT})(?:, ?({TEXT}))?")
PLACES = re.compile(r"%\((\w+)\)[sdf]|%%|\{(\w*)[^}]*\}")
NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)
Found = tuple[str, int, tuple[str, ...], str | None]


def folder(root: Path, locale: str) -> Path:
    """Where the catalogues of a locale lie."""
    return root / "locale" / locale / "LC_MESSAGES"


def gathered(root: Path) -> Catalog:
    """Every message of the code and the templates below `root`, in a fixed order."""
    catalog = Catalog(charset="utf-8", fuzzy=False)
    for path, _line, words, context in sorted([*_in_code(root), *_in_templates(root)], key=_order):
        texts = words if len(words) > 1 else words[0]
        catalog.add(texts, locations=[(path, 0)], context=context)
    return catalog


def _order(found: Found) -> tuple[str, int, tuple[str, ...], str]:
    return (*found[:3], found[3] or "")


def _in_code(root: Path) -> Iterator[Found]:
    for room in ROOMS:
        for path in sorted((root / room).rglob("*.py")):
            if APART & set(path.relative_to(root).parts[:-1]):
                continue
            with path.open("rb") as source:
                for line, words, _comments, context in extract("python", source, KEYWORDS):
                    said = (words,) if isinstance(words, str) else tuple(words)
                    yield path.relative_to(root).as_posix(), line, said, context


def _in_templates(root: Path) -> Iterator[Found]:
    paths = [path for path in (root / "templates").rglob("*.*") if path.is_file()]
    for path in sorted(paths):
        source = templatize(path.read_text(encoding="utf-8"), origin=str(path))
        for number, call in enumerate(CALL.finditer(source)):
            plural, context, *texts = call.groups()
            said = [ast.literal_eval(text.removeprefix("u")) for text in texts if text]
            named = said.pop(0) if context else None
            words = tuple(said[: 2 if plural else 1])
            yield path.relative_to(root).as_posix(), number, words, named


def stored(root: Path, locale: str) -> Catalog:
    """The catalogue of a locale as its file has it; an empty one where there is none."""
    path = folder(root, locale) / "django.po"
    if not path.exists():
        return Catalog(locale=locale, charset="utf-8", fuzzy=False)
    with path.open("rb") as source:
        return read_po(source, locale=locale, charset="utf-8")


def updated(root: Path, locale: str) -> Catalog:
    """The catalogue of a locale with the messages of today; what is no longer said is left out."""
    catalog = stored(root, locale)
    catalog.update(gathered(root), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return catalog


def write(root: Path, locale: str, catalog: Catalog) -> None:
    """Write both files of a locale: the readable one and the compiled one."""
    place = folder(root, locale)
    place.mkdir(parents=True, exist_ok=True)
    (place / "django.po").write_bytes(_readable(catalog))
    (place / "django.mo").write_bytes(_compiled(stored(root, locale)))


def _readable(catalog: Catalog) -> bytes:
    """The text without a date or a tool's name in its head: the same messages, the same bytes."""
    out = io.BytesIO()
    write_po(out, catalog, width=100, omit_header=True, include_lineno=False)
    head = (
        'msgid ""\nmsgstr ""\n"MIME-Version: 1.0\\n"\n'
        '"Content-Type: text/plain; charset=utf-8\\n"\n"Content-Transfer-Encoding: 8bit\\n"\n'
        f'"Language: {catalog.locale}\\n"\n"Plural-Forms: {catalog.plural_forms}\\n"\n\n'
    )
    return head.encode() + out.getvalue().strip(b"\n") + b"\n"


def _compiled(catalog: Catalog) -> bytes:
    # The head that Babel writes has dates in it; a fixed one keeps the bytes the same.
    bare = Catalog(locale=catalog.locale, charset="utf-8", fuzzy=False, creation_date=NO_DATE)
    for message in catalog:
        if message.id and message.string:
            bare.add(message.id, message.string, context=message.context)
    out = io.BytesIO()
    write_mo(out, bare)
    return out.getvalue()


def missing(root: Path, locale: str) -> list[str]:
    """The messages without a translation, in the order of the code, plurals by their first form."""
    return [
        _key(message)[1][0]
        for message in updated(root, locale)
        if message.id and not all(_strings(message))
    ]


def add(catalog: Catalog, given: dict[str, str]) -> None:
    """Put translations by message into a catalogue. KeyError for a message nobody says."""
    known = {_key(message)[1][0]: message for message in catalog if message.id}
    for source, text in given.items():
        message = known[source]
        message.string = text if _single(message) else (text,)


def _single(message: Message) -> bool:
    return isinstance(message.id, str)


def _strings(message: Message) -> tuple[str, ...]:
    """The translation, or its plural forms; an empty text where there is none."""
    said = message.string or ""
    return (said,) if isinstance(said, str) else tuple(said)


def complaints(root: Path, locale: str) -> list[str]:
    """What is wrong with the catalogue of a locale: gaps, strays, lost places, a stale file."""
    catalog, said = stored(root, locale), gathered(root)
    wanted = {_key(message) for message in said if message.id}
    kept = {_key(message): message for message in catalog if message.id}
    found = [f"not in the catalogue: {key[1]!r}" for key in sorted(wanted - set(kept))]
    found += [f"no longer said: {key[1]!r}" for key in sorted(set(kept) - wanted)]
    for key in sorted(wanted & set(kept)):
        found += [f"{wrong}: {key[1]!r}" for wrong in _faults(kept[key], LOCALES[locale])]
    compiled = folder(root, locale) / "django.mo"
    if not compiled.exists() or compiled.read_bytes() != _compiled(catalog):
        found.append("django.mo is not what django.po compiles to")
    return [f"{locale}: {complaint}" for complaint in found]


def _key(message: Message) -> tuple[str, tuple[str, ...]]:
    texts = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    return message.context or "", texts


def _faults(message: Message, charset: str) -> Iterator[str]:
    said = _strings(message)
    if not all(said):
        yield "not translated"
        return
    if message.fuzzy:
        yield "marked as doubtful"
    sources = (message.id,) if isinstance(message.id, str) else tuple(message.id)
    allowed = {_places(source) for source in sources}
    for text in said:
        if _places(text) not in allowed:
            yield "other places to fill in"
        strange = {letter for letter in text if "一" <= letter <= "鿿" and not _in(letter, charset)}
        if strange:
            yield f"characters of another script ({''.join(sorted(strange))})"


def _places(text: str) -> tuple[str, ...]:
    return tuple(sorted({match.group() for match in PLACES.finditer(text)}))


def _in(letter: str, charset: str) -> bool:
    try:
        letter.encode(charset)
    except UnicodeEncodeError:
        return False
    return True
