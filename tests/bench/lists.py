"""Lists, search and data files at 5,000 systems, 1,000 evals and a million scores.

`python -m tests.bench.lists`. The rows are made by SQL: what is measured is how they are read. The
release's points are of the size that the engine's would have; its bundle holds the cells that the
list of evals reads. Views run in this process, so a time has no server in it; every address is new,
so none is answered from memory.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from statistics import quantiles

from indexsite import embedded
from tests.bench import report
from tests.bench.apart import measured_apart
from tests.bench.report import MeasurementFailed, Row
from tests.bench.running import environment

SYSTEMS, EVALS, SCORES, ASKED = 5_000, 1_000, 1_000_000, 20
TARGET, SEARCH_TARGET, MEMORY_TARGET = 150.0, 20.0, 50.0
LISTS = (
    "/systems/?sort=-capability",
    "/systems/?sort=-scores",
    "/systems/?q=system+12&status=official&domain=safety",
    "/systems/?page=40&sort=name",
    "/evals/?sort=-headroom",
    "/evals/?domain=safety&lifecycle=none&q=eval",
    "/api/v1/systems?limit=100",
    "/api/v1/scores?limit=100",
    "/api/v1/scores?system=system-00900&limit=100",
    "/data/",
)
QUERIES = ("system 90", "sysetm 4711", "evl 100", "lab3", "nothing like it")
FACTS = """
INSERT INTO evals_developer (slug, name)
    SELECT 'lab' || n, 'Lab ' || n FROM generate_series(0, 99) n;
INSERT INTO evals_generation (name, developer_id)
    SELECT 'Family ' || f, d.id FROM evals_developer d, generate_series(1, 5) f;
INSERT INTO evals_system (slug, name, developer_id, generation_id, released_on)
    SELECT 'system-' || lpad(n::text, 5, '0'), 'System ' || n, d.id, g.id,
           date '2022-01-01' + n %% 1700
    FROM generate_series(0, %(systems)s - 1) n
    JOIN evals_developer d ON d.slug = 'lab' || n %% 100
    JOIN evals_generation g ON g.developer_id = d.id AND g.name = 'Family ' || 1 + n / 100 %% 5;
INSERT INTO evals_domain (slug, name, position) VALUES
    ('capability', 'Capability', 0), ('safety', 'Safety', 1), ('alignment', 'Alignment', 2)
    ON CONFLICT DO NOTHING;
INSERT INTO evals_eval (slug, name, domain_id, subdomain, unit, scale, direction, lower, upper,
        floor, ceiling, ceiling_note, human_baseline_who, human_baseline_source, n_items, measures,
        access, grading, source_url)
    SELECT 'eval-' || n, 'Eval ' || n, d.id, 'part ' || n %% 10, 'percent', 'linear', 'higher',
           0, 100, 0, 100, '', '', '', '', '', '', '', ''
    FROM generate_series(0, %(evals)s - 1) n JOIN evals_domain d ON d.position = n %% 3;
INSERT INTO evals_source (slug, name, licence) VALUES ('bench', 'Bench', '');
"""
RUN = """
INSERT INTO evals_score (system_id, eval_id, value, uncertainty, n_items_text, elicitation,
        reported_by, observed_on, recorded_at, source_url, note, external_id, import_run_id, line,
        content_hash)
    SELECT (SELECT min(id) FROM evals_system) + n %% %(systems)s,
           (SELECT min(id) FROM evals_eval) + (n / %(systems)s + n) %% %(evals)s,
           n %% 997 / 10.0, '', '', 'run', 'third_party', date '2024-01-01' + n %% 900, now(),
           'https://results.example/' || n, '', '', %(run)s, n, md5(n::text)
    FROM generate_series(0, %(scores)s - 1) n;
INSERT INTO evals_decision (score_id, at, status, reason)
    SELECT id, now(), 'accepted', '' FROM evals_score;
"""
POINTS = """
INSERT INTO baskets_indexpoint (release_id, version_id, system_id, series, value, low, high,
        coverage, imputed_share, official, back_cast, on_official_version)
    SELECT %(release)s, %(version)s, s.id, t.series, 100 + s.id %% 313, 90, 120, 0.8, 0.1,
           s.id %% 3 > 0, false, true
    FROM evals_system s, (SELECT unnest(ARRAY['headline', 'balanced', 'capability', 'safety',
        'alignment'] || ARRAY(SELECT 'safety/part ' || p FROM generate_series(1, 25) p)) series) t
    WHERE s.id %% 10 > 0;
"""


def fill() -> None:
    """The rows, in the database that Django has been pointed at."""
    from django.db import connection, connections

    from evals.models import ImportRun, Source

    sizes = {"systems": SYSTEMS, "evals": EVALS, "scores": SCORES}
    with connection.cursor() as cursor:
        cursor.execute(FACTS, sizes)
        run = ImportRun.objects.create(source=Source.objects.get(slug="bench"), name="bench",
                                       state="done")  # fmt: skip
        cursor.execute(RUN, {**sizes, "run": run.pk})
        cursor.execute(POINTS, _release())
    # As the database does by itself once it is left alone for a minute.
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def _release() -> dict[str, int]:
    """A basket of 300 evals with a release whose bundle has the cells that the scores make."""
    from django.utils import timezone

    from baskets.models import Basket, BasketVersion, Release, Weight
    from evals.models import Eval, Score, System

    base = System.objects.earliest("pk")
    basket = Basket.objects.create(slug="agi", name="AGI Index", base=base)
    today = timezone.now()
    version = BasketVersion.objects.create(
        basket=basket, number=1, effective_on="2024-01-01", published_at=None
    )
    Weight.objects.bulk_create(
        Weight(version=version, eval=item, weight=1, selection="best", owner="o", rationale="r")
        for item in Eval.objects.order_by("pk")[:300]
    )
    BasketVersion.objects.filter(pk=version.pk).update(published_at=today)
    cells = Score.objects.order_by("pk").values_list("system__slug", "eval__slug", "value")
    rows = [{"system": s, "eval": e, "value": v} for s, e, v in cells[:300_000].iterator()]
    bundle = {
        "problem": {"scores": rows, "baskets": []},
        "excluded": [],
        "filled": [],
        "answer": {},
    }
    release = Release.objects.create(
        basket=basket, number=1, vintage_on=today.date(), cause="bench", engine_version="0",
        problem_sha256="", sha256="", bundle=zlib.compress(json.dumps(bundle).encode(), 1),
        summary={},
    )  # fmt: skip
    return {"release": release.pk, "version": version.pk}


def measured() -> list[Row]:
    """95th percentiles in milliseconds, and how much memory a million rows take."""
    from django.test import Client

    client = Client()
    rows = []
    for address in LISTS:
        late = _late(client.get, [f"{address}{'&' if '?' in address else '?'}unseen={n}"
                                  for n in range(ASKED)])  # fmt: skip
        rows.append(Row(f"lists: {address}, p95", late, "ms", TARGET))
    addresses = [f"/search.json?q={query.replace(' ', '+')}" for query in QUERIES for _ in range(8)]
    rows.append(Row("search: suggestions, p95", _late(client.get, addresses), "ms", SEARCH_TARGET))
    return [*rows, *_streamed(client.get)]


def _late(get: Callable[[str], object], addresses: list[str]) -> float:
    """The 95th percentile in milliseconds, after one request that fills what stays in memory."""
    _milliseconds(get, addresses[0])
    return quantiles([_milliseconds(get, address) for address in addresses], n=20)[-1]


def _milliseconds(get: Callable[[str], object], address: str) -> float:
    began = time.perf_counter()
    status = getattr(get(address), "status_code", 0)
    if status != 200:
        raise MeasurementFailed(f"{address} answered {status}.")
    return 1000 * (time.perf_counter() - began)


def _streamed(get: Callable[[str], object]) -> list[Row]:
    """The whole file of scores: its time, and what the process grew by."""
    began, before, size = time.perf_counter(), _memory(), 0
    parts = getattr(get("/data/scores.csv"), "streaming_content", [])
    lines = 0
    for part in parts:
        size, lines = size + len(part), lines + part.count(b"\n")
    if lines != SCORES + 1:
        raise MeasurementFailed(f"scores.csv had {lines} lines.")
    return [
        Row("data: scores.csv of a million rows", time.perf_counter() - began, "s"),
        Row("data: scores.csv, size", size / 1e6, "MB"),
        Row("data: scores.csv, growth of memory", _memory() - before, "MB", MEMORY_TARGET),
    ]


def _memory() -> float:
    """The most memory that the process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> int:
    """Measure on own servers and print the rows."""
    with (
        tempfile.TemporaryDirectory(prefix="agi-index-bench-") as folder,
        embedded.servers(Path(folder), durable=False) as urls,
    ):
        own = {"DATA_DIR": folder, "SITE_URL": "http://testserver"}
        os.environ.update(
            environment(**urls.environment(), **own, API_READS_PER_MINUTE="1000000"),
            DJANGO_SETTINGS_MODULE="indexsite.settings",
        )
        rows = _on_own_database()
    print(json.dumps({"rows": [vars(row) for row in rows]}) if "--json" in sys.argv
          else report.table(rows))  # fmt: skip
    return 0


def in_own_process() -> list[Row]:
    """The same measured by another process: Django takes the addresses of its servers once."""
    return [Row(**row) for row in measured_apart("tests.bench.lists", "--json")["rows"]]


def _on_own_database() -> list[Row]:
    # Only now: Django reads the addresses once.
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connections

    settings.STORAGES = {**settings.STORAGES, "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}  # fmt: skip
    call_command("migrate", verbosity=0)
    try:
        fill()
        return measured()
    finally:
        connections.close_all()


if __name__ == "__main__":
    sys.exit(main())
