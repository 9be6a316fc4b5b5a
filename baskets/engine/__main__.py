"""`python -m baskets.engine [FILE]`: one JSON problem in, one JSON answer out.

`python -m baskets.engine --verify [FILE] [--sha256 HEX] [--quick]`: a sealed bundle in, one line
a check out; exit status 0 where all of it was confirmed, 1 where something differs.

Without a file both read standard input. Errors go to standard error as one JSON line
{"error": NAME, "detail": ...} with exit status 2; so does a bundle of which only a part can be
confirmed, because it states another version of the engine, or of a library whose intervals agree
within Monte Carlo error only. The scores left out are sealed by the hash and checked by nothing
else here: `manage.py verify_releases` compares them with the database.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path

from baskets.engine import EngineError, Problem, canonical, compute
from baskets.engine.errors import MalformedProblem
from baskets.engine.reading import parsed
from baskets.engine.verify import DIFFERS, OPEN, verify

USAGE = (
    "usage: python -m baskets.engine [FILE] | "
    "python -m baskets.engine --verify [FILE] [--sha256 HEX] [--quick]"
)
WORDS = {
    "exact": "ok",
    "tolerance": "ok, to a tolerance",
    "differs": "DIFFERS",
    "open": "open",
    "sealed": "not checked",
}


def main(arguments: Sequence[str]) -> int:
    """Run the command; returns the exit status."""
    try:
        if "--verify" in arguments:
            return _verify([word for word in arguments if word != "--verify"])
        text = canonical(compute(Problem.from_json(parsed(_read(arguments)))).to_json())
    except EngineError as error:
        return _refused(error.name, error.detail)
    sys.stdout.buffer.write(text.encode("utf-8") + b"\n")
    return 0


def _refused(name: str, detail: str) -> int:
    print(json.dumps({"error": name, "detail": detail}, ensure_ascii=True), file=sys.stderr)
    return 2


def _verify(arguments: list[str]) -> int:
    quick = "--quick" in arguments
    rest = [word for word in arguments if word != "--quick"]
    expected = ""
    if "--sha256" in rest:
        position = rest.index("--sha256")
        expected = "".join(rest[position + 1 : position + 2])
        if not expected:
            raise MalformedProblem(USAGE)
        del rest[position : position + 2]
    found = verify(_read(rest), expected=expected, quick=quick)
    for check in found.checks:
        print(f"{check.name:<10} {WORDS[check.outcome]}: {check.detail}")
    if found.with_outcome(DIFFERS):
        print(f"differs    SHA-256 {found.sha256}")
        return 1
    if unread := found.with_outcome(OPEN):
        print(f"open       SHA-256 {found.sha256}")
        names = ", ".join(check.name for check in unread)
        return _refused("NotRebuilt", f"this engine could not confirm: {names}")
    left_out = ", without the fit and the replicates" if quick else ""
    print(f"verified   SHA-256 {found.sha256}{left_out}")
    return 0


def _read(arguments: Sequence[str]) -> bytes:
    if len(arguments) > 1 or any(word.startswith("--") for word in arguments):
        raise MalformedProblem(USAGE)
    try:
        return Path(arguments[0]).read_bytes() if arguments else sys.stdin.buffer.read()
    except OSError as error:
        raise MalformedProblem(f"cannot read {arguments[0]}: {error.strerror}") from error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
