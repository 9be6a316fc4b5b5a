"""What an own PostgreSQL and an own Redis have in common: start until it answers, watch, stop."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path

from indexsite.run.errors import RunError
from indexsite.run.processes import Process, rotate, tail, wait_until

START_SECONDS = 60.0
ATTEMPTS = 3


class Server(ABC):
    """One server under a data folder, reached over TCP on 127.0.0.1 only.

    The caller must hold the data folder's lock (`indexsite.run.lock`): whatever still runs there is
    then an orphan, and `start` stops it first.
    """

    name: str

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir.resolve()
        self.log = self.data_dir / "logs" / f"{self.name.lower()}.log"
        self.port = 0
        self.process: Process | None = None

    @abstractmethod
    def spawn(self) -> None:
        """Start the process on `self.port` and return at once; RunError where it cannot be."""

    @abstractmethod
    def ready(self) -> bool:
        """Whether the server answers."""

    @abstractmethod
    def stop(self, hurry: Callable[[], bool] = lambda: False) -> None:
        """End the process in good order; nothing running is no error."""

    @abstractmethod
    def recover(self) -> bool:
        """After a failed start: remove its cause where it is known, and say whether that was so."""

    def poll(self) -> int | None:
        """The exit status of a process that has ended, else None."""
        return None if self.process is None else self.process.poll()

    def start(self, cut: Callable[[], bool] = lambda: False) -> None:
        """Start and wait until the server answers; `cut` may say that nobody waits any longer."""
        rotate(self.log)
        for _ in range(ATTEMPTS):
            self.spawn()
            wait_until(
                lambda: self.poll() is not None or self.ready(),
                seconds=START_SECONDS,
                cut=cut,
            )
            if self.poll() is None and self.ready():
                return
            self.stop()
            if cut() or not self.recover():
                break
        raise RunError(f"{self.name} did not start. Its log, {self.log}, ends:\n{tail(self.log)}")
