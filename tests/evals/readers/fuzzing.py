"""Damaged files: what real ones become under random changes, and what must hold for any of them."""

from __future__ import annotations

import copy
import gzip
import io
import json
import math
import random
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pyarrow
import pyarrow.parquet
import zstandard

from evals import readers
from evals.readers.table import Mapping, preview
from evals.records import Record, RejectedRow, ScoreRecord, UnreadableFile
from tests.evals.readers import test_every_eval_ever, test_helm, test_hub
from tests.evals.readers.files import DATED, LOGS

MAPPINGS = (
    Mapping(system="system", eval="eval", value="value", observed_on="observed_on"),
    Mapping(system="system", wide=("value", "n_items"), uncertainty="note", decimal_comma=True),
    Mapping(system="a.b", value="value", elicitation=("note",), constants={"eval": "e"}),
)
HOSTILE: tuple[bytes, ...] = (
    *(b"\0", b"\xff", b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b"\xef\xbb\xbf", b"\xff\xfe"),
    *(b"NaN", b"-Infinity", b"1e999", b"-1", b"9" * 5000, b"0x1F", b"1_0", b"null", b"true"),
    *(b'"', b"'", b"\\", b"{", b"}", b"[", b"]", b",", b":", b"\n", b"\r", b"\t", b";", b"|", b"%"),
    *(b"[" * 2000, b'{"a":' * 500, b"- " * 200, b"&a ", b"*a", b"!!python/name:os ", b"---\n"),
    *(b"=1+1", b"../", "±".encode(), "٣".encode(), b"9999-99-99", b"PK\3\4", b"PK\5\6", b"PAR1"),
)
ATOMS: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 10**400, 0.5, math.nan, math.inf, "", "x", "\0", "\ud800"),
    *("N/A", "9999-99-99", [], [[]], {}, {"": None}, {"value": {}}, "x" * 2000, 2**31),
)


@dataclass(frozen=True)
class Seed:
    """A sound file, the reader it is for, and what may be told beside it."""

    reader: str
    name: str
    content: bytes


def seeds() -> list[Seed]:
    """A file of every format."""
    header = "id,system,eval,value,uncertainty,n_items,reported_by,observed_on,note\n"
    table = header + "1,m,gpqa,50,±1.5,198 q,third_party,2026-03-01,5\n" * 5
    lines = [{"system": "m", "a": {"b": 1}, "value": 0.5, "n_items": 3, "note": None}] * 4
    run = {"run_spec.json": json.dumps(test_helm.SPEC)}
    run["stats.json"] = json.dumps([test_helm.stat("exact_match"), test_helm.stat("f1_score")])
    aggregate = json.dumps(test_every_eval_ever.aggregate())
    epoch_runs = (
        "id,task,model,Best score (across scorers),Scores,started_at,Status\n"
        'r1,GPQA,m_high,0.854,"choice:0.85±0.02,model:0.8±0",17 November 2025 4:28pm,Success\n'
    )
    horizons = (
        "id,Model version,CI_high,CI_low,Time horizon,Source,Source link,average_score\n"
        "r,m,34.4,9.4,18.2,METR,https://metr.org,0.47\n"
    )
    texts = {
        ("catalog", "o.csv"): table,
        ("table", "t.csv"): table.replace(",", ";"),
        ("table", "t.jsonl"): "\n".join(map(json.dumps, lines)),
        ("every_eval_ever", "a.json"): aggregate,
        ("every_eval_ever", "a.jsonl"): f"{aggregate}\n{aggregate}\n",
        ("lm_eval", "r.json"): (LOGS / "lm_eval.json").read_text(),
        ("inspect", "log.json"): (LOGS / "inspect.json").read_text(),
        ("hub", "hle.yaml"): test_hub.FULL,
        ("model_card", "README.md"): test_hub.CARD,
        ("epoch", "runs.csv"): epoch_runs,
        ("epoch", "external_benchmark_metr.csv"): horizons,
    }
    archives = {
        ("catalog", "c.zip"): {"observations.csv": table},
        ("helm", "run.zip"): run,
        ("archive", "m.zip"): {".eval_results/a.yaml": test_hub.FULL, "README.md": test_hub.CARD},
    }
    return [
        *(Seed(*key, text.encode()) for key, text in texts.items()),
        *(Seed(*key, _zip(members)) for key, members in archives.items()),
        Seed("inspect", "log.eval", (LOGS / "inspect.eval").read_bytes()),
        Seed("table", "t.parquet", _parquet()),
    ]


def _zip(members: dict[str, str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return target.getvalue()


def _parquet() -> bytes:
    target = io.BytesIO()
    columns = {"system": ["m", "n"], "eval": ["e", None], "value": [0.5, 1], "note": ["±1", ""]}
    pyarrow.parquet.write_table(pyarrow.table(columns), target)
    return target.getvalue()


def damaged(content: bytes, chance: random.Random) -> bytes:
    """The content after a few random changes, packed now and then."""
    if content[:1] in b"{[" and chance.random() < 0.5:
        content = _changed_json(content, chance)
    data = bytearray(content)
    for _ in range(chance.choice((0, 1, 1, 2, 4, 8))):
        at, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        match chance.randrange(6):
            case 0 if data:
                data[min(at, len(data) - 1)] ^= 1 << chance.randrange(8)
            case 1:
                del data[at : min(end, at + 64)]
            case 2:
                data[at:at] = chance.choice(HOSTILE)
            case 3:
                data[at : at + chance.randrange(8)] = chance.choice(HOSTILE)
            case 4:
                data[at:at] = data[at : min(end, at + 200)]
            case _ if chance.random() < 0.3:
                del data[at:]
    found = bytes(data)
    if chance.random() < 0.2:
        found = gzip.compress(found) if chance.random() < 0.5 else zstandard.compress(found)
    return found[: chance.randrange(len(found) + 1)] if chance.random() < 0.03 else found


def _changed_json(content: bytes, chance: random.Random) -> bytes:
    """The JSON with some values in it replaced, so that it stays JSON."""
    try:
        value = json.loads(content)
    except ValueError:
        return content
    for _ in range(chance.randrange(1, 4)):
        _change(value, chance)
    return json.dumps(value).encode(errors="surrogatepass")


def _change(value: Any, chance: random.Random) -> None:
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    if not keys:
        return
    key = chance.choice(keys)
    if isinstance(value[key], dict | list) and value[key] and chance.random() < 0.8:
        _change(value[key], chance)
    else:
        value[key] = copy.deepcopy(chance.choice(ATOMS))


def check(path: Path, name: str, chance: random.Random) -> None:
    """Whatever the file holds: `name` reads it or says why not, and gives only sound records."""
    told: dict[str, Any] = {"dated": DATED} if chance.random() < 0.5 else {}
    if name == readers.MAPPED:
        told["mapping"] = chance.choice(MAPPINGS)
    if name in ("hub", "archive"):
        told["system"] = "lab/m"
    try:
        for record in readers.REGISTRY[name].read(path, **told):
            check_record(record)
        if name == readers.MAPPED:
            preview(path)
    except UnreadableFile as error:
        why = str(error)
    else:
        why = "none"
    assert why
    assert "\0" not in why


def check_record(record: Record) -> None:
    """A record that can be stored: finite numbers, texts without NUL and broken characters."""
    stated = msgspec.structs.asdict(record)
    # What a person is shown of a bad row may hold one; it is cleaned where it is stored.
    texts = [text for name, text in stated.items() if isinstance(text, str) and name != "raw"]
    assert not any("\0" in text for text in texts)
    assert msgspec.json.encode(record)
    assert record.line >= 1
    if isinstance(record, RejectedRow):
        assert record.reason
    if isinstance(record, ScoreRecord):
        numbers = (record.value, record.stderr, record.low, record.high)
        assert all(number is None or math.isfinite(number) for number in numbers)
        assert record.system
        assert record.eval
        assert record.n_items is None or 0 <= record.n_items < 2**31
