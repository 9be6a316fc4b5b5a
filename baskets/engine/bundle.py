"""Reading a sealed bundle back: `{problem, filled, answer, excluded}` (methodology section 11)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from baskets.engine import reading as r
from baskets.engine.errors import MalformedBundle, MalformedProblem
from baskets.engine.impute import Imputed
from baskets.engine.problem import Problem

PARTS = ("answer", "excluded", "filled", "problem")
ANSWER_ROWS = ("points", "links", "levels", "contributions", "errors")
# A bundle is eight levels deep; what is far deeper is none, and would exhaust whoever walks it.
DEEPEST = 32


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
        _shallow(obj)
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


def _shallow(obj: r.Json) -> None:
    """Refuse what is nested deeper than any bundle; level by level, not by recursion."""
    level: list[object] = [obj]
    for _depth in range(DEEPEST):
        level = [item for found in level for item in _inside(found)]
        if not level:
            return
    raise MalformedProblem(f"it is nested more than {DEEPEST} levels deep")


def _inside(found: object) -> Iterable[object]:
    """The objects and lists directly inside one."""
    items: Iterable[object] = ()
    if isinstance(found, Mapping):
        items = found.values()
    elif isinstance(found, list):
        items = found
    return (item for item in items if isinstance(item, dict | list))


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
