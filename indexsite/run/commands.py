"""The site's processes as the supervisor sees them: a command line, a log and a way to end."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from indexsite.run.processes import Process, launched, rotate, spawn, stop

GENTLE = ((signal.SIGTERM, 15.0),)


class Watched(Protocol):
    """What a supervisor can watch over: a command of ours, or an own server."""

    name: str
    log: Path

    def spawn(self) -> None:
        """Start the process and return at once."""

    def poll(self) -> int | None:
        """The exit status of a process that has ended, else None."""

    def stop(self, hurry: Callable[[], bool] = ...) -> None:
        """End the process, and what it started, in good order."""


@dataclass
class Command:
    """A command with its output in `log`, or on our own output where `shown` is set.

    `stop_steps` are the signals that end it, each with the seconds it is given; `death_signal` is
    what the kernel sends it where we end before it.
    """

    name: str
    line: Sequence[str]
    log: Path
    cwd: Path
    environment: Mapping[str, str]
    stop_steps: Sequence[tuple[signal.Signals, float]] = GENTLE
    death_signal: signal.Signals = signal.SIGTERM
    shown: bool = False
    process: Process | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        rotate(self.log)

    def spawn(self) -> None:
        self.stop()
        if self.shown:
            self.process = self._spawn_shown()
        else:
            self.process = spawn(
                self.line,
                log=self.log,
                cwd=self.cwd,
                environment=self.environment,
                death_signal=self.death_signal,
            )

    def poll(self) -> int | None:
        return None if self.process is None else self.process.poll()

    def stop(self, hurry: Callable[[], bool] = lambda: False) -> None:
        if self.process is not None:
            stop(self.process, steps=self.stop_steps, hurry=hurry)
            self.process = None

    def _spawn_shown(self) -> Process:
        # Only what it complains of is kept: its output may hold a password that is shown once.
        with self.log.open("ab") as complaints:
            return subprocess.Popen(
                launched(self.line, death_signal=self.death_signal),
                stdin=subprocess.DEVNULL,
                stderr=complaints,
                cwd=self.cwd,
                env=dict(self.environment),
                start_new_session=True,
            )
