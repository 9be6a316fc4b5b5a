"""Watching over child processes: restart with patience, give up with a reason, stop in order."""

from __future__ import annotations

import signal
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from indexsite.run.commands import Command, Watched
from indexsite.run.errors import RunError
from indexsite.run.processes import tail

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
TICK = 0.1
WINDOW = 60.0
DEATHS_ALLOWED = 5
LONGEST_DELAY = 8.0


class Stopped(Exception):
    """Somebody asked the run to stop."""


class Supervisor:
    """Keeps children running until it is told to stop.

    A child that ends, whatever its status, is started again after 0.5, 1, 2, 4, 8 seconds; once
    one has ended more than five times within a minute, RunError ends the whole. The first signal
    asks for an orderly stop, a second one for a hurried one. `say` takes one line for the operator.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say = say
        self.children: list[Watched] = []
        self.signals = 0
        self._deaths: defaultdict[str, list[float]] = defaultdict(list)
        self._due: dict[str, float] = {}

    @contextmanager
    def handling_signals(self) -> Iterator[None]:
        """Count the signals that end a run, instead of dying from them, while the block runs."""
        # A run under nohup goes on without its terminal.
        wanted = [one for one in SIGNALS if not _ignored_hang_up(one)]
        before = {number: signal.signal(number, self._count) for number in wanted}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _count(self, number: int, frame: FrameType | None) -> None:
        self.signals += 1

    def stopping(self) -> bool:
        """Whether a stop was asked for."""
        return self.signals > 0

    def hurried(self) -> bool:
        """Whether a stop was asked for more than once."""
        return self.signals > 1

    def watch(self, child: Watched) -> None:
        """Keep `child`, which is started already, running; the last watched is stopped first."""
        self.children.append(child)

    def start(self, child: Watched) -> None:
        """Start `child` and watch over it."""
        self.watch(child)
        child.spawn()

    def run_step(self, command: Command) -> None:
        """Run `command` to its end, watching over the children; RunError unless it succeeds."""
        command.spawn()
        try:
            self.wait(lambda: command.poll() is not None)
            status = command.poll()
        finally:
            command.stop(self.hurried)
        if status:
            raise RunError(f"{command.name} failed: {ending(status)}.{_evidence(command)}")

    def wait(self, condition: Callable[[], bool], *, seconds: float | None = None) -> bool:
        """Watch until `condition` holds (True) or `seconds` are over (False).

        Raises Stopped when a stop was asked for, RunError when a child cannot be kept running.
        """
        deadline = None if seconds is None else time.monotonic() + seconds
        while True:
            if self.stopping():
                raise Stopped
            self._look(time.monotonic())
            if condition():
                return True
            if deadline is not None and time.monotonic() >= deadline:
                return False
            time.sleep(TICK)

    def stop_all(self) -> None:
        """Stop the children, the last first; one that resists does not spare the others."""
        while self.children:
            self.children.pop().stop(self.hurried)

    def _look(self, now: float) -> None:
        for child in self.children:
            if child.name in self._due:
                if now >= self._due[child.name]:
                    del self._due[child.name]
                    child.spawn()
                continue
            status = child.poll()
            if status is not None:
                self._note_death(child, status, now)

    def _note_death(self, child: Watched, status: int, now: float) -> None:
        deaths = [at for at in self._deaths[child.name] if now - at < WINDOW] + [now]
        self._deaths[child.name] = deaths
        if len(deaths) > DEATHS_ALLOWED:
            raise RunError(
                f"{child.name} ended {len(deaths)} times within a minute, the last time"
                f" {ending(status)}, so the site is stopped.{_evidence(child)}"
            )
        delay = min(0.5 * 2 ** (len(deaths) - 1), LONGEST_DELAY)
        self._due[child.name] = now + delay
        self.say(f"{child.name} ended {ending(status)}; starting it again in {delay:g} s")


def _ignored_hang_up(number: signal.Signals) -> bool:
    return number is signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN


def ending(status: int) -> str:
    """An exit status in words, as subprocess gives it: negative for a signal."""
    if status >= 0:
        return f"with status {status}"
    try:
        return f"by {signal.Signals(-status).name}"
    except ValueError:
        return f"by signal {-status}"


def _evidence(child: Watched) -> str:
    lines = tail(child.log)
    return (
        f" Its log, {child.log}, ends:\n{lines}" if lines else f" Its log, {child.log}, is empty."
    )
