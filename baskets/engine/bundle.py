"""Reading a sealed bundle back: `{problem, filled, answer, excluded}` (methodology section 11)."""

from collections.abc import Mapping
from dataclasses import dataclass

from baskets.engine import reading as r
from baskets.engine.errors import MalformedBundle, MalformedProblem
from baskets.engine.impute import Imputed
from baskets.engine.problem import Problem

PARTS = ("answer", "excluded", "filled", "problem")
ANSWER_ROWS = ("points", "links", "levels", "contributions", "errors")


@dataclass(frozen=True)
class Bundle:
    """A bundle as written, beside its problem and its fills as the engine takes them."""

    raw: bytes
    json: r.Json
    problem: Problem
    filled: tuple[Imputed, ...]
    answer: r.Json
    made_with: Mapping[str, str]

    @property
    def others(self) -> tuple[str, ...]:
        """Names of parts beside the four that make up a bundle."""
        return tuple(sorted(set(self.json) - set(PARTS)))


def read_bundle(raw: bytes) -> Bundle:
    """Read a bundle and check its shape; `made_with` has only the engine where it says no more.

    Refuses with MalformedBundle, and as any problem is refused where its problem is.
    """
    try:
        obj = r.parsed(raw)
        problem = r.mapping(obj.get("problem"), at="problem")
        answer = r.mapping(obj.get("answer"), at="answer")
        for name in ANSWER_ROWS:
            r.rows(answer, name)
        r.rows(obj, "excluded")
        filled = tuple(_fill(row, n) for n, row in enumerate(r.rows(obj, "filled")))
        made_with = _made_with(answer)
    except MalformedProblem as error:
        raise MalformedBundle(error.detail) from error
    return Bundle(raw, obj, Problem.from_json(problem), filled, answer, made_with)


def _made_with(answer: r.Json) -> dict[str, str]:
    stated = r.mapping(answer.get("made_with") or {}, at="answer.made_with")
    versions = {name: r.text(stated, name, at="answer.made_with") for name in stated}
    return {"engine": r.text(answer, "engine", at="answer")} | versions


def _fill(row: r.Json, position: int) -> Imputed:
    at = f"filled[{position}]"
    return Imputed(
        system=r.text(row, "system", at=at),
        eval=r.text(row, "eval", at=at),
        basket=r.text(row, "basket", at=at),
        points=r.number(row.get("points"), at=f"{at}.points"),
        stderr=r.optional_number(row, "stderr", at=at),
    )
