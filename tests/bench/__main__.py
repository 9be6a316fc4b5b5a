"""`python -m tests.bench`: measure the whole site, print a table and write var/bench/*.json.

The site starts twice on an empty folder, cold and warm; its pages are timed while it runs, and the
recompute once it has stopped, on the database it leaves. The engine on synthetic tables, the fill
of missing cells and the simulation of the intervals need no site. Exit status 1 where something
could not be measured; a missed target is reported, and is no failure of the measurement.
"""

from __future__ import annotations

import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from indexsite import embedded, env
from tests.bench import (
    alerts_noise,
    deliveries,
    engine_scale,
    engine_speed,
    import_to_mail,
    imports,
    imputation,
    judgement,
    large_pages,
    lighthouse,
    lists,
    pages,
    posting,
    preview,
    readers,
    report,
    scripts,
    simulation,
    startup,
)
from tests.bench.report import MeasurementFailed, Row
from tests.bench.running import environment, site

FOLDER = env.ROOT / "var" / "bench"


def main() -> int:
    """Measure, print and write; the exit status."""
    at = datetime.now(UTC)
    try:
        with tempfile.TemporaryDirectory(prefix="agi-index-bench-") as folder:
            data_dir = Path(folder) / "var"
            rows = [*_of_the_site(data_dir), *_of_the_recompute(data_dir)]
            # Last on this folder: it fills the database with what nobody measures.
            rows += _of_the_posting(data_dir)
        rows += [*_of_deliveries(), *_of_lists(), *_of_large_pages()]
        rows += [*_of_previews(), *_of_import_to_mail()]
        rows += [*_of_the_engine(), *_of_the_model(), *_of_the_judgement(), *_of_the_noise()]
        rows += _of_imports()
    except MeasurementFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    print(report.table(rows))
    print(f"\nWritten to {report.write(rows, FOLDER, at=at).relative_to(env.ROOT)}")
    return 0


def _of_the_site(data_dir: Path) -> list[Row]:
    _say("Starting the site on an empty folder")
    with site(data_dir) as cold:
        rows = [startup.measured(cold, "cold")]
    _say("Starting it again")
    with site(data_dir) as warm:
        rows.append(startup.measured(warm, "warm"))
        _say("Timing pages")
        rows += [*pages.measured(warm.port), *scripts.measured(warm.port)]
        _say("Fifty readers weigh the basket anew")
        rows += readers.measured(warm.port)
        return [*rows, *_of_lighthouse(warm.port)]


def _of_lighthouse(port: int) -> list[Row]:
    _say("Looking with Lighthouse")
    try:
        return lighthouse.measured(port)
    except lighthouse.Missing as missing:
        _say(str(missing))
        return []


def _of_the_posting(data_dir: Path) -> list[Row]:
    _say("Posting runs")
    with site(data_dir) as running:
        return posting.measured(running.port, data_dir)


def _of_the_recompute(data_dir: Path) -> list[Row]:
    _say("Timing the recompute")
    with embedded.servers(data_dir) as urls:
        os.environ.update(
            environment(**urls.environment(), DATA_DIR=str(data_dir)),
            DJANGO_SETTINGS_MODULE="indexsite.settings",
        )
        # Only now: Django reads the addresses once.
        import django

        django.setup()
        from django.db import connections

        from tests.bench import recompute

        try:
            return recompute.measured()
        finally:
            connections.close_all()


def _of_the_engine() -> list[Row]:
    _say("Timing the engine against bare NumPy")
    rows = engine_speed.measured()
    _say("Timing tables of 1e4 to 1e7 cells")
    return [*rows, *engine_scale.measured()]


def _of_the_model() -> list[Row]:
    _say("Timing the fill of missing cells")
    rows = imputation.measured()
    _say("Simulating (some minutes)")
    return [*rows, *simulation.measured()]


def _of_the_judgement() -> list[Row]:
    _say("Judging genuine and wrong scores")
    return judgement.in_own_process()


def _of_the_noise() -> list[Row]:
    _say("Alerting of noise and of real moves (a minute)")
    return alerts_noise.measured()


def _of_previews() -> list[Row]:
    _say("Sliding weights")
    return preview.measured()


def _of_deliveries() -> list[Row]:
    _say("Telling ten thousand people")
    return deliveries.in_own_process()


def _of_lists() -> list[Row]:
    _say("Reading long lists")
    return lists.in_own_process()


def _of_large_pages() -> list[Row]:
    _say("Asking for pages over a million scores (the site is built first, some minutes)")
    return large_pages.in_own_process()


def _of_import_to_mail() -> list[Row]:
    _say(
        "Importing beside a million scores, until the mail (the site is built first, some minutes)"
    )
    return import_to_mail.in_own_process()


def _of_imports() -> list[Row]:
    _say("Importing scores by the million")
    return imports.in_own_process()


def _say(text: str) -> None:
    print(f"{text} ...", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
