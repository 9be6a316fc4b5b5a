"""Named refusals: where no honest number exists, the engine raises one of these."""


class EngineError(Exception):
    """A refusal with a stable name and a sentence for the person who asked."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail

    @property
    def name(self) -> str:
        """The class name; callers and the command's JSON line rely on it."""
        return type(self).__name__


class MalformedProblem(EngineError):
    """The JSON cannot be read, or a key is missing or has the wrong type."""


class MalformedBundle(EngineError):
    """A sealed bundle cannot be read, or one of its parts is missing or has the wrong type."""


class EmptyBasket(EngineError):
    """A basket has no weights, or the problem has no basket."""


class BadWeight(EngineError):
    """A weight is zero, negative, NaN or infinite."""


class BadGoalposts(EngineError):
    """Floor equals ceiling, or a basket uses an eval without usable goalposts."""


class BaseMissing(EngineError):
    """The base system is unknown or has no value where the index must start."""


class BaseTooLow(EngineError):
    """The base system's points are too few to carry an index of 100."""


class OverlapTooSmall(EngineError):
    """Fewer than two systems link two versions at the headline or a domain."""


class DuplicateCell(EngineError):
    """Two scores for one system and one eval."""


class DuplicateId(EngineError):
    """Two evals, systems or baskets with one id."""


class UnknownId(EngineError):
    """A score, weight, overlap or method names an id that is not in the problem."""


class OutOfBounds(EngineError):
    """A value lies outside its eval's unit bounds, or is NaN or infinite."""


class NotPositive(EngineError):
    """A logarithm or odds of a number that is zero or negative."""


class UndefinedComparison(EngineError):
    """Two values cannot be compared or decomposed as asked."""
