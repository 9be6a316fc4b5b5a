"""The whole input of the engine as a frozen value (methodology section 15)."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from baskets.engine.canonical import canonical
from baskets.engine.columns import Columns, columns_of
from baskets.engine.parts import Basket, Eval, Method, Score, System
from baskets.engine.points import Goalposts
from baskets.engine.problem_json import read_parts, write_parts


@dataclass(frozen=True)
class Problem:
    """A validated problem: evals, systems and scores ordered by id, baskets in chain order.

    Build it with `from_json`; the constructor itself checks nothing.
    """

    method: Method
    evals: tuple[Eval, ...]
    systems: tuple[System, ...]
    scores: tuple[Score, ...]
    baskets: tuple[Basket, ...]

    @staticmethod
    def from_json(obj: Mapping[str, object]) -> "Problem":
        """Read, check and normalise the JSON form; refuses with the errors of section 14."""
        return Problem(*read_parts(obj))

    def to_json(self) -> dict[str, object]:
        """The JSON form with every default written out; reading it back gives an equal problem."""
        parts = (self.method, self.evals, self.systems, self.scores, self.baskets)
        return write_parts(*parts)

    def with_baskets(self, baskets: tuple[Basket, ...]) -> "Problem":
        """The problem with other versions, which keeps what was worked out of all else."""
        other = replace(self, baskets=baskets)
        for name in ("row_of", "place_of", "eval_by_id", "system_by_id"):
            vars(other)[name] = getattr(self, name)
        return other

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the canonical problem."""
        return self._hash_with(self._texts["method"])

    @cached_property
    def natural_seed(self) -> str:
        """SHA-256 of the canonical problem without its seed."""
        method = {key: value for key, value in vars(self.method).items() if key != "seed"}
        return self._hash_with(canonical(method))

    @cached_property
    def _texts(self) -> dict[str, str]:
        """The canonical JSON of every part: both hashes are of nearly the same text."""
        return {key: canonical(part) for key, part in sorted(self.to_json().items())}

    def _hash_with(self, method: str) -> str:
        texts = self._texts | {"method": method}
        whole = ",".join(f"{canonical(key)}:{text}" for key, text in texts.items())
        return hashlib.sha256(f"{{{whole}}}".encode()).hexdigest()

    @cached_property
    def eval_by_id(self) -> dict[str, Eval]:
        """Evals by id."""
        return {e.id: e for e in self.evals}

    @cached_property
    def system_by_id(self) -> dict[str, System]:
        """Systems by id."""
        return {s.id: s for s in self.systems}

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Position of each system in every array."""
        return {s.id: n for n, s in enumerate(self.systems)}

    @cached_property
    def place_of(self) -> dict[str, int]:
        """Position of each eval among the problem's."""
        return {e.id: n for n, e in enumerate(self.evals)}

    @cached_property
    def columns(self) -> Columns:
        """The scores as arrays."""
        return columns_of(self.evals, self.systems, self.scores)

    @cached_property
    def score_by_cell(self) -> dict[tuple[str, str], Score]:
        """Scores by (system, eval)."""
        return {(s.system, s.eval): s for s in self.scores}

    def goalposts(self, basket: Basket, eval_id: str) -> Goalposts:
        """The goalposts of an eval in a basket version."""
        return basket.goalposts_of(self.eval_by_id[eval_id])

    def fit_goalposts(self, eval_id: str) -> Goalposts:
        """The goalposts under which an eval enters the fit of section 3.

        Those of the first version that counts the eval, else the eval's own: so a later version
        with other goalposts does not change the fills of the versions before it.
        """
        for basket in self.baskets:
            if eval_id in basket.weights:
                return self.goalposts(basket, eval_id)
        return self.eval_by_id[eval_id].goalposts

    def version_in_force(self, system: System) -> Basket:
        """The version of a system's official value: in force when it was released.

        A system older than the first version is measured on the first; an undated one on the
        newest, because nothing says that it is older.
        """
        if system.released_on is None:
            return self.baskets[-1]
        dated = [b for b in self.baskets if b.effective_on and b.effective_on <= system.released_on]
        return dated[-1] if dated else self.baskets[0]
