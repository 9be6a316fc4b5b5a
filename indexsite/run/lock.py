"""One run at a time per data folder."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from indexsite.run.errors import LockedError, RunError


@contextmanager
def data_lock(data_dir: Path) -> Iterator[None]:
    """Hold `run.lock` in `data_dir`, which is made if need be; leave no lock file behind.

    The kernel drops the lock with the process that held it, so a killed run blocks nobody. Raises
    LockedError while another run holds it, RunError where the folder cannot be written.
    """
    path = data_dir / "run.lock"
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        descriptor = _locked(path)
    except BlockingIOError as error:
        raise LockedError(
            f"The data folder {data_dir} is in use by a run that is still going on: stop that run,"
            " or choose another folder with DATA_DIR."
        ) from error
    except OSError as error:
        raise RunError(
            f"The data folder {data_dir} cannot be written ({error.strerror}): make it writable,"
            " or choose another folder with DATA_DIR."
        ) from error
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(descriptor)


def _locked(path: Path) -> int:
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The file may have been removed, by the run that held it, since it was opened.
            if path.exists() and os.path.samestat(os.fstat(descriptor), path.stat()):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
