"""`python -m baskets.engine [FILE]`: one JSON problem in, one JSON answer out.

Errors go to standard error as one JSON line {"error": NAME, "detail": ...} with exit status 2.
"""

import json
import sys
from pathlib import Path

from baskets.engine import EngineError, Problem, canonical, compute
from baskets.engine.errors import MalformedProblem


def main(arguments: list[str]) -> int:
    """Run the command; returns the exit status."""
    try:
        text = canonical(compute(Problem.from_json(_read(arguments))).to_json())
    except EngineError as error:
        line = json.dumps({"error": error.name, "detail": error.detail}, ensure_ascii=True)
        print(line, file=sys.stderr)
        return 2
    sys.stdout.buffer.write(text.encode("utf-8") + b"\n")
    return 0


def _read(arguments: list[str]) -> dict[str, object]:
    if len(arguments) > 1:
        raise MalformedProblem("usage: python -m baskets.engine [FILE]")
    try:
        raw = Path(arguments[0]).read_bytes() if arguments else sys.stdin.buffer.read()
    except OSError as error:
        raise MalformedProblem(f"cannot read {arguments[0]}: {error.strerror}") from error
    try:
        read = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as error:
        raise MalformedProblem(f"not a JSON problem: {error}") from error
    if not isinstance(read, dict):
        raise MalformedProblem("the problem must be a JSON object")
    return read


def _without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """A JSON object; the same key twice would silently drop a weight."""
    result = dict(pairs)
    if len(result) != len(pairs):
        raise MalformedProblem("an object has the same key twice")
    return result


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
