"""Why a step of a basket version is not taken; each text says to a person what is missing."""

from __future__ import annotations

from typing import Any

from baskets.models.reasons import worded
from baskets.selectors.content import Content, Difference, differences


class Refused(Exception):
    """The step is not taken and nothing has changed."""


class NotAllowed(Refused):
    """This person may not take the step."""


class NotNow(Refused):
    """The version is not in a state for the step, or no longer what the person saw."""


class Incomplete(Refused):
    """Something that the step asks for is missing; `missing` has one sentence for each."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__(" ".join(missing))
        self.missing = missing


class PublishRefused(Refused):
    """The version cannot stand beside those before it, or the engine refuses it.

    `code` and `facts` are those of `baskets.models.reasons`, for the record.
    """

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(worded(code, facts))
        self.code, self.facts = code, facts


class EditConflict(Refused):
    """Somebody else has saved since this edit began; nothing was saved.

    `edition` is the one that is stored now. `stored` and `yours` are both contents, where the edit
    came as a whole, and `differences` what they differ in.
    """

    def __init__(
        self, reason: str, *, edition: int, stored: Content, yours: Content | None = None
    ) -> None:
        super().__init__(reason)
        self.edition, self.stored, self.yours = edition, stored, yours

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Where the stored content and the one that was to be saved differ."""
        return differences(self.stored, self.yours) if self.yours is not None else ()
