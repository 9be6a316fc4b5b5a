"""Hugging Face eval results: a `.eval_results/*.yaml` file, or a folder or archive with them.

Every element is a record; its eval is the dataset's id with the task's (or, in files from before
tasks, the config's), as in "Idavidrein/gpqa gpqa_diamond". The form has no name for the model: a
result belongs to the repository that it lies in. That is named by the caller's `system`; else by
the `name` in the `model-index` of the repository's README, where it has one; else by the folder
that holds `.eval_results`, or, in the hub's cache, by `models--owner--name`. The form names neither
unit nor direction. A `date` may be missing, and the hub then takes that of the commit, which a file
does not hold: the caller gives `dated`. `line` counts the records from 1.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path, PurePosixPath

from evals.readers import _source, _tree, _yaml, model_card
from evals.readers._fields import Field, record_or_reason, rejected, spelled, value_of
from evals.records import Record, ScoreRecord, UnreadableFile

NAME = "hub"
VERSION = 2
RANK = 40

FOLDER = ".eval_results"
_ENTRY = re.compile(r"^[ ]{0,8}(?:-\s+|\s{2,})dataset:\s*(?:\{|#|$)", re.MULTILINE)
_CACHED = re.compile(r"models--([^-].*?)--(.+)")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_LIST = re.compile(r"(?:^[ \t]*(?:#.*|---)?\r?\n)*-\s", re.MULTILINE)


def sniff(path: Path) -> bool:
    """Whether the path is a list of such entries, or a folder or archive with `.eval_results/`.

    In a folder it lies at the top: what lies deeper is one import among others.
    """
    if path.is_dir():
        return any(name.startswith(f"{FOLDER}/") for name in _files(_tree.names(path)))
    if _tree.is_tree(path):
        return _tree.is_of(path, claims)
    text = _source.head(path).removeprefix("\ufeff")
    return bool(_LIST.match(text) and _ENTRY.search(text) and "value" in text)


def claims(names: frozenset[str]) -> frozenset[str]:
    """Which files of a tree are ours: the results. A README may be a model card with its own."""
    return frozenset(_files(names))


def read(path: Path, *, dated: dt.date | None = None, system: str = "") -> Iterator[Record]:
    """A record for each entry."""
    if not _tree.is_tree(path):
        binary = _source.open_bytes(path)
        text = _source.document(path.name, binary, _yaml.LARGEST)
        yield from _entries(path.name, text, 0, system or repository(path), dated)
        return
    with _tree.opened(path) as tree:
        own = repository(path) if path.is_dir() else ""
        yield from read_tree(tree, dated=dated, system=system or own)
        if not path.is_dir():
            yield from _tree.unread(tree, claims(frozenset(tree.names())))


def read_tree(
    tree: _tree.Tree, *, dated: dt.date | None = None, system: str = ""
) -> Iterator[Record]:
    """The entries of every repository in a tree, each under its repository's name."""
    names = _files(frozenset(tree.names()))
    if not names:
        raise tree.lacks(f"no {FOLDER}/*.yaml")
    before = 0
    for name in names:
        text = tree.document(name, _yaml.LARGEST)
        for record in _entries(name, text, before, system or _named(tree, _home(name)), dated):
            before = record.line
            yield record


def repository(path: Path) -> str:
    """The name of the repository that a file or folder of results lies in; empty for none."""
    home = path.resolve() if path.is_dir() else path.resolve().parent.parent
    if path.is_file() and path.resolve().parent.name != FOLDER:
        return ""
    card = home / model_card.CARD
    text = _source.head(card, _yaml.LARGEST) if not card.is_symlink() else ""
    return model_card.named(text) or _repository(home.parts)


def _named(tree: _tree.Tree, home: PurePosixPath) -> str:
    try:
        text = tree.document(str(home / model_card.CARD), _yaml.LARGEST)
    except UnreadableFile:
        text = ""
    return model_card.named(text) or _repository(home.parts)


def _repository(parts: Sequence[str]) -> str:
    """The repository's name in a path: of the hub's cache, or else the last folder."""
    for part in parts:
        if found := _CACHED.fullmatch(part):
            return "/".join(found.groups())
    last = parts[-1] if parts else ""
    # The cache names a copy by its commit, which says nothing of the model.
    return "" if _COMMIT.fullmatch(last) else last.strip("/")


def _home(name: str) -> PurePosixPath:
    """The folder that holds the folder of a file of results."""
    return PurePosixPath(name).parent.parent


def _files(names: frozenset[str]) -> list[str]:
    return sorted(
        name
        for name in names
        if PurePosixPath(name).parent.name == FOLDER and name.endswith((".yaml", ".yml"))
    )


def _entries(
    name: str, text: str, before: int, system: str, dated: dt.date | None
) -> Iterator[Record]:
    entries = Field(_yaml.document(name, text))
    if not isinstance(entries.value, list):
        raise UnreadableFile(f"{name}: is not a list of eval results.")
    if not entries.value:
        yield rejected(name, before + 1, "the list is empty")
    for line, entry in enumerate(entries.items(), start=before + 1):
        yield record_or_reason(
            name, line, partial(_record, entry, line, system, dated), entry.value
        )


def _record(entry: Field, line: int, system: str, dated: dt.date | None) -> ScoreRecord:
    if not system:
        raise ValueError(
            "the file names no model, since it belongs to the repository it lies in; give its name"
        )
    day = entry.at("date").day() or dated
    if day is None:
        raise ValueError(f"{entry.path}.date is not stated; give the date")
    dataset, source = entry.at("dataset"), entry.at("source")
    task = dataset.at("task_id").text() or dataset.at("config").text()
    value, unit = value_of(entry.at("value"))
    token = "with a verify token" if entry.at("verifyToken").given() else ""
    return ScoreRecord(
        line=line,
        system=system,
        eval=f"{dataset.at('id').required()} {task}".strip(),
        value=value,
        unit=unit,
        observed_on=day,
        reported_by="",
        elicitation=spelled(
            {
                "notes": entry.at("notes").value,
                "split": dataset.at("split").value,
                "revision": dataset.at("revision").value,
            }
        ),
        source_url=source.at("url").text(),
        note="; ".join(filter(None, (_by(source), token))),
        harness=entry.at("evaluation_framework").text(),
    )


def _by(source: Field) -> str:
    who = source.at("user").text() or source.at("org").text()
    return ", ".join(filter(None, (source.at("name").text(), who)))
