"""Child processes that end with their parent, and what a dead parent may have left behind.

The standard library only. A child leads a session of its own, so that Ctrl-C in a terminal reaches
the supervisor alone and the children are stopped in order. On Linux the kernel also ties a child to
the *thread* that started it (see `launch`): start children from a thread that lives as long as they
should, in practice the main one.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from indexsite.run import launch

LAUNCHER = Path(launch.__file__).resolve()
Process = subprocess.Popen[bytes]


def launched(
    command: Sequence[str], *, death_signal: signal.Signals, identity: str = "own"
) -> list[str]:
    """The command line that runs `command` through the launcher, as a child of this process."""
    return [
        *(sys.executable, "-I", "-S", str(LAUNCHER)),
        *("--parent", str(os.getpid()), "--death-signal", str(int(death_signal))),
        *("--identity", identity, "--", *command),
    ]


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    death_signal: signal.Signals = signal.SIGTERM,
    identity: str = "own",
) -> Process:
    """Start `command` with its output appended to `log`; the environment is ours by default."""
    with log.open("ab") as output:
        return subprocess.Popen(
            launched(command, death_signal=death_signal, identity=identity),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=None if environment is None else dict(environment),
            start_new_session=True,
        )


def stop(
    process: Process,
    *,
    steps: Sequence[tuple[signal.Signals, float]],
    hurry: Callable[[], bool] = lambda: False,
) -> None:
    """Send each signal and wait its seconds, until `process` has ended; then kill its whole group.

    `hurry` is asked while waiting: once it says yes, the remaining waits shrink to a second.
    """
    for number, seconds in steps:
        if process.poll() is None:
            process.send_signal(number)
            wait_until(lambda: process.poll() is not None, seconds=seconds, cut=hurry)
    kill_group(process.pid)
    process.wait()


def kill_group(leader: int) -> None:
    """Kill what is left of the group that `leader` led; nothing left is no error."""
    try:
        os.killpg(leader, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        # macOS answers EPERM for a group that only holds the unreaped dead.
        return


def wait_until(
    condition: Callable[[], bool],
    *,
    seconds: float,
    cut: Callable[[], bool] = lambda: False,
) -> bool:
    """Ask `condition` every 50 ms for `seconds`, or one second more once `cut` says so."""
    deadline = time.monotonic() + seconds
    hurried = False
    while not condition():
        if not hurried and cut():
            hurried, deadline = True, min(deadline, time.monotonic() + 1)
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.05)
    return True


def command_of(pid: int) -> str:
    """The command line of a running process; empty for none, and for one that has ended."""
    if pid <= 0:
        return ""
    if Path("/proc/self/cmdline").exists():
        try:
            return (
                Path(f"/proc/{pid}/cmdline")
                .read_bytes()
                .replace(b"\0", b" ")
                .decode(errors="replace")
                .strip()
            )
        except OSError:
            return ""
    listed = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if "<defunct>" in listed.stdout else listed.stdout.strip()


def stop_orphan(
    pid_file: Path, *, marks: Sequence[str], steps: Sequence[tuple[signal.Signals, float]]
) -> bool:
    """Stop the process that `pid_file` names, if its command line holds every mark.

    A process without the marks merely inherited the number: it is left alone, and the file that
    would mislead the next server is dropped. Returns whether one was stopped.
    """
    pid = first_number(pid_file)
    if not is_running(pid):
        return False

    def ours() -> bool:
        command = command_of(pid)
        return bool(command) and all(mark in command for mark in marks)

    if not ours():
        pid_file.unlink(missing_ok=True)
        return False
    for number, seconds in (*steps, (signal.SIGKILL, 5.0)):
        if ours():
            os.kill(pid, number)
            wait_until(lambda: not ours(), seconds=seconds)
    return True


def is_running(pid: int) -> bool:
    """Whether a process of this number runs; one that has ended and awaits its parent does not."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return not Path("/proc/self/stat").exists()
    return status.rpartition(")")[2].split()[0] not in "ZX"


def first_number(path: Path) -> int:
    """The number on a file's first line, or 0 where there is none."""
    try:
        return int(path.read_text(encoding="utf-8").split("\n", 1)[0])
    except (OSError, ValueError):
        return 0


def rotate(log: Path) -> None:
    """Keep the last run's log as `<name>.1` and begin a new one, in a folder made if need be."""
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size:
        log.replace(log.with_name(log.name + ".1"))


def tail(log: Path, *, lines: int = 12) -> str:
    """The last lines of a log, indented for a message; empty where there is no log."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 16_384))
        text = file.read().decode(errors="replace")
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])


def free_port(host: str = "127.0.0.1") -> int:
    """A TCP port on `host` that nothing listens on at this moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.bind((host, 0))
        port: int = listener.getsockname()[1]
        return port


def write_private(path: Path, text: str) -> None:
    """Write `text` so that only the caller can read it and nobody ever sees half of it."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    draft.replace(path)
