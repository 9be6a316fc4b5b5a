"""As whom PostgreSQL runs: it refuses root, and its initdb refuses a uid without a name."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
from pathlib import Path

from indexsite.run.errors import RunError
from indexsite.run.processes import launched


def choose(program: Path, *, folder: Path) -> str:
    """The launcher's `--identity` under which `program` runs and writes in `folder` (which exists).

    An ordinary user runs it as itself. Root, or a uid without a name, is shown to it as `nobody` in
    a user namespace; where the system forbids that, root gives up its identity, provided that
    `nobody` can already reach both paths: no parent folder is ever opened for it. Raises RunError.
    """
    if os.geteuid() != 0 and _has_name(os.geteuid()):
        return "own"
    if sys.platform.startswith("linux") and _works("mapped", [str(program), "--version"]):
        return "mapped"
    if os.geteuid() == 0:
        hand_over(folder, identity="dropped")
        reach = ["/bin/sh", "-c", '"$1" --version && test -w "$2"', "sh"]
        if _works("dropped", [*reach, str(program), str(folder)]):
            return "dropped"
        hand_over(folder, identity="own")
        who, remedy = "as root", "Run as an ordinary user"
    else:
        who, remedy = (
            f"as user number {os.geteuid()}, which has no name",
            "Run as a named user",
        )
    raise RunError(
        f"PostgreSQL does not run {who}, this system allows no user namespace, and the user"
        f' "nobody" cannot reach {folder}. {remedy}, or set DATABASE_URL.'
    )


def hand_over(path: Path, *, identity: str) -> None:
    """Make `path`, with all that is in it, belong to whom `identity` writes as."""
    if identity == "dropped":
        entry = pwd.getpwnam("nobody")
        owner, group = entry.pw_uid, entry.pw_gid
    else:
        owner, group = os.geteuid(), os.getegid()
    if path.lstat().st_uid == owner:
        return
    try:
        os.lchown(path, owner, group)
        for parent, folders, files in os.walk(path):
            for name in (*folders, *files):
                os.lchown(os.path.join(parent, name), owner, group)
    except PermissionError as error:
        raise RunError(f"{path} belongs to another user: run as that user.") from error


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True


def _works(identity: str, command: list[str]) -> bool:
    line = launched(command, death_signal=signal.SIGKILL, identity=identity)
    return subprocess.run(line, capture_output=True, check=False, timeout=30).returncode == 0
