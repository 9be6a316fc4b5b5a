"""What an answer was computed with: the versions on which its last digits may depend."""

import platform
from functools import cache
from importlib import metadata

ENGINE_VERSION = "1.1.0"


@cache
def _versions() -> tuple[tuple[str, str], ...]:
    return (
        ("engine", ENGINE_VERSION),
        ("python", platform.python_version()),
        ("numpy", metadata.version("numpy")),
        ("scipy", metadata.version("scipy")),
    )


def environment() -> dict[str, str]:
    """Versions of the engine, Python, NumPy and SciPy that compute here (methodology section 11).

    Central values are rebuilt from recorded fills under any of them; a fit and its replicates
    agree byte for byte where all four are the same.
    """
    return dict(_versions())
