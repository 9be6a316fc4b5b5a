"""Section 15: `python -m baskets.engine`, run as a stranger would."""

import hashlib
import io
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from baskets.engine import Problem, canonical, compute, round_floats
from baskets.engine.__main__ import main
from tests.engine.problems import Json, changed, dense, linked

ROOT = Path(__file__).parents[2]


def run(*arguments: str, text: str | bytes = "") -> subprocess.CompletedProcess[bytes]:
    raw = text.encode() if isinstance(text, str) else text
    command = [sys.executable, "-m", "baskets.engine", *arguments]
    environment = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    return subprocess.run(
        command, input=raw, capture_output=True, cwd=ROOT, env=environment, timeout=60, check=False
    )


def within(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], text: str | bytes
) -> subprocess.CompletedProcess[bytes]:
    """The same without a process of its own, which costs a second."""
    raw = text.encode() if isinstance(text, str) else text
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
    status = main([])
    out, err = capfdbinary.readouterr()
    return subprocess.CompletedProcess([], status, out, err)


def refused(result: subprocess.CompletedProcess[bytes]) -> str:
    assert (result.returncode, result.stdout) == (2, b"")
    lines = result.stderr.decode("ascii").splitlines()
    assert len(lines) == 1
    error = json.loads(lines[0])
    assert set(error) == {"error", "detail"} and error["detail"]
    return str(error["error"])


def test_it_answers_a_problem_on_standard_input() -> None:
    result = run(text=json.dumps(linked()))
    assert (result.returncode, result.stderr) == (0, b"")
    expected = compute(Problem.from_json(linked()))
    assert result.stdout.decode() == canonical(expected.to_json()) + "\n"


def test_it_answers_a_problem_in_a_file(tmp_path: Path) -> None:
    path = tmp_path / "problem.json"
    path.write_text(json.dumps(dense()))
    expected = compute(Problem.from_json(dense()))
    assert run(str(path)).stdout.decode() == canonical(expected.to_json()) + "\n"


def test_the_answer_has_the_published_shape() -> None:
    answer: Any = compute(Problem.from_json(linked())).to_json()
    assert {"points", "links", "contributions", "imputed", "sha256"} <= set(answer)
    shapes = {
        "points": "system series basket value low high coverage imputed_share worst best official "
        "back_cast",
        "links": "series from to overlap additive ratio odds",
        "contributions": "system against basket eval points",
    }
    for key, names in shapes.items():
        assert answer[key] and all(set(names.split()) <= set(row) for row in answer[key])
    assert answer["points"][0]["low"] is None


def test_it_refuses_with_one_json_line_and_status_2(tmp_path: Path) -> None:
    problem = dense()
    problem["baskets"] = []
    assert refused(run(text=json.dumps(problem))) == "EmptyBasket"
    assert refused(run(str(tmp_path / "absent.json"))) == "MalformedProblem"
    assert refused(run("one", "two")) == "MalformedProblem"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "3",
        "null",
        '{"method": {"base": "a", "base": "b"}}',
        "[" * 100_000,
        b"\xff\xfe\x00",
        '{"method": {"base": "\\ud800"}, "evals": [], "systems": [], "scores": [], "baskets": []}',
    ],
)
def test_it_refuses_what_is_not_a_problem(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], text: str | bytes
) -> None:
    found = within(monkeypatch, capfdbinary, text)
    assert refused(found) in ("MalformedProblem", "BaseMissing")


def test_it_refuses_nan_in_the_json(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    problem = dense()
    problem["scores"][0]["value"] = float("nan")
    found = within(monkeypatch, capfdbinary, json.dumps(problem))
    assert refused(found) == "OutOfBounds"


def sealed(problem: Json) -> bytes:
    """The bundle of a problem, as a release stores it."""
    answer: Any = round_floats(compute(Problem.from_json(problem)).to_json(), 6)
    filled = answer.pop("imputed")
    whole = Problem.from_json(problem).to_json()
    parts = {"problem": whole, "filled": filled, "answer": answer, "excluded": []}
    return canonical(parts).encode()


def test_it_verifies_a_bundle_on_standard_input_or_in_a_file(tmp_path: Path) -> None:
    raw = sealed(changed(linked(), replicates=20))
    path = tmp_path / "bundle.json"
    path.write_bytes(raw)
    seal = hashlib.sha256(raw).hexdigest()
    result = run("--verify", str(path), "--sha256", seal)
    assert (result.returncode, result.stderr) == (0, b"")
    lines = result.stdout.decode().splitlines()
    assert [line.split()[0] for line in lines] == [
        "canonical", "sha256", "versions", "problem", "values", "fills", "intervals", "excluded",
        "verified",
    ]  # fmt: skip
    assert seal in lines[-1]
    quick = run("--verify", "--quick", text=raw)
    assert quick.returncode == 0 and b"without the fit" in quick.stdout


def test_it_verifies_with_status_1_where_something_differs() -> None:
    raw = sealed(linked())
    result = run("--verify", "--sha256", "0" * 64, text=raw)
    assert result.returncode == 1 and b"sha256     DIFFERS" in result.stdout
    other = run("--verify", text=raw.replace(b'"value":100', b'"value":101'))
    assert other.returncode == 1 and b"values     DIFFERS: points: " in other.stdout


def test_it_verifies_with_status_2_what_it_cannot_read_or_rebuild() -> None:
    assert refused(run("--verify", text="{}")) == "MalformedBundle"
    assert refused(run("--verify", "--sha256")) == "MalformedProblem"
    assert refused(run("--verify", "--fast")) == "MalformedProblem"
    foreign = sealed(linked()).replace(b'"engine":"1.', b'"engine":"0.')
    result = run("--verify", text=foreign)
    assert result.returncode == 2 and b"open       SHA-256" in result.stdout
    assert json.loads(result.stderr)["error"] == "NotRebuilt"


def test_it_needs_neither_django_nor_a_database_driver() -> None:
    code = (
        "import sys, baskets.engine, baskets.engine.__main__\n"
        "heavy = {'django', 'psycopg', 'celery', 'redis'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, b"")
