"""`python -m tests.bench.schema [examples]`: try the API for long, chains of requests included."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from indexsite import embedded
from tests.bench.running import environment

EXAMPLES = 500
PHASES = "examples,coverage,fuzzing,stateful"


def main() -> int:
    """Try the API on an own site and print the report; 0 where nothing was found."""
    examples = int(sys.argv[1]) if len(sys.argv) > 1 else EXAMPLES
    with tempfile.TemporaryDirectory(prefix="agi-index-bench-") as folder:
        data_dir = Path(folder)
        (data_dir / "static").mkdir()
        with embedded.servers(data_dir, durable=False) as urls:
            os.environ.update(
                environment(**urls.environment(), DATA_DIR=folder),
                DJANGO_SETTINGS_MODULE="indexsite.settings",
            )
            return _tried(urls, data_dir, examples)


def _tried(urls: embedded.Urls, data_dir: Path, examples: int) -> int:
    # Only now: Django reads the addresses once.
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    from tests import databases, schema

    databases.migrate()
    databases.fill_with_catalog()
    connections.close_all()
    call_command("collectstatic", "--noinput", verbosity=0)
    with schema.api_of(urls, databases.TEMPLATE, data_dir) as (address, key):
        found = schema.tried(address, key, examples=examples, phases=PHASES)
    print(found.report)
    return 0 if found.clean else 1


if __name__ == "__main__":
    sys.exit(main())
