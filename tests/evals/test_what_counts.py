"""Whatever happens to imports, in whatever order: what counts is what the rule says."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.models import User
from accounts.services.tokens import make_token
from evals.models import Alias, Decision, ImportRun, Score, Source, System
from evals.selectors.queues import held_scores, waiting
from evals.services import imports, posted, postings, verdicts
from evals.services.held import resolve_held_rows
from evals.services.withdrawal import reinstate_run, withdraw_run
from tests.evals.oracle import Content, Oracle, Row

pytestmark = pytest.mark.usefixtures("names")
UNKNOWN = "Mystery"
ROWS = st.builds(
    Row,
    value=st.sampled_from([50.0, 55.0, 60.0]),
    day=st.sampled_from([1, 1, 2]),
    identity=st.sampled_from(["", "", "a", "b"]),
    doubtful=st.sampled_from([False, False, False, True]),
    unknown=st.sampled_from([False, False, False, True]),
)
NO_SCORE = st.just(Row(444.0, unknown=True))
FILES = st.lists(st.one_of(ROWS, ROWS, ROWS, ROWS, NO_SCORE), min_size=1, max_size=4)
SOURCES = st.sampled_from(["lab", "lab", "else"])
CHOICE = st.integers(0, 1_000)


def line(row: Row) -> str:
    """A row as a line of JSON."""
    facts = {
        "system": UNKNOWN if row.unknown else "gpt-4o",
        "eval": "gpqa-diamond",
        "value": row.value,
        "observed_on": f"2026-03-0{row.day}",
        "reported_by": "third_party",
        "external_id": row.identity,
    }
    return json.dumps(facts | ({"higher_is_better": False} if row.doubtful else {}))


class Imports(RuleBasedStateMachine):
    """Imports of two sources about a few results; every step is done by both, and compared."""

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.oracle = Oracle()
        self.files: dict[int, list[Row]] = {}
        self.posts: dict[int, tuple[str, list[Row]]] = {}
        user, _new = User.objects.get_or_create(username="machine")
        user.groups.add(Group.objects.get(name="importer"))
        self.token, _key = make_token(owner=user, name="any", scopes=["results:write"])

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    @rule(rows=FILES, source=SOURCES)
    def offer(self, rows: list[Row], source: str) -> None:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "a.jsonl"
            path.write_text("".join(line(row) + "\n" for row in rows))
            run = imports.create_run(path=path, source=source)
        self.files[run.pk] = rows

    @precondition(lambda self: self.files)
    @rule(which=CHOICE)
    def merge(self, which: int) -> None:
        pk = sorted(self.files)[which % len(self.files)]
        run = imports.run_import(pk)
        assert run is not None and run.state == "done"
        self.oracle.merge(pk, run.source.slug, self.files.pop(pk))

    @rule(rows=FILES, source=SOURCES)
    def post(self, rows: list[Row], source: str) -> None:
        lines = [line(row).encode() for row in rows]
        pk = postings.post_lines(lines, token=self.token, source=source, key="", sha256="")
        self.posts[pk] = (source, rows)

    @precondition(lambda self: self.posts)
    @rule()
    def merge_posts(self) -> None:
        assert posted.merge_waiting() == len(self.posts)
        assert not ImportRun.objects.filter(pk__in=self.posts, attempts__gt=0).exists()
        self.oracle.merge_together(self.posts)
        self.posts = {}

    @rule(which=CHOICE)
    def withdraw(self, which: int) -> None:
        runs = sorted(self.oracle.source.keys() - self.oracle.withdrawn)
        if runs:
            pk = runs[which % len(runs)]
            withdraw_run(ImportRun.objects.get(pk=pk), reason="wrong", by=None)
            self.oracle.withdrawn.add(pk)

    @rule(which=CHOICE)
    def reinstate(self, which: int) -> None:
        runs = sorted(self.oracle.withdrawn)
        if runs:
            pk = runs[which % len(runs)]
            reinstate_run(ImportRun.objects.get(pk=pk), reason="right", by=None)
            self.oracle.withdrawn.remove(pk)

    @rule(remembered=st.booleans())
    def name(self, remembered: bool) -> None:
        Alias.objects.get_or_create(name=UNKNOWN, system=System.objects.get())
        resolve_held_rows()
        self.oracle.resolve()
        if not remembered:
            Alias.objects.filter(name=UNKNOWN).delete()
            self.oracle.name_known = False

    @rule(which=CHOICE, good=st.booleans())
    def judge(self, which: int, good: bool) -> None:
        found = list(held_scores())
        if found:
            score = found[which % len(found)]
            decide = verdicts.accept_score if good else verdicts.reject_score
            decide(score, reason="seen", by=None)
            self.oracle.verdict[content_of(score)] = "" if good else "rejected"

    @invariant()
    def what_counts_is_what_the_rule_says(self) -> None:
        found = {content_of(score): newest(score) for score in Score.objects.all()}
        told = {content: decision.status for content, decision in found.items()}
        assert told == {content: self.oracle.status(content) for content in self.oracle.stated}
        for content, decision in found.items():
            if decision.in_favour_of is not None:
                new = content_of(decision.in_favour_of)
                assert any(self.oracle.takes_the_place(new, content, s) for s in ("lab", "else"))

    @invariant()
    def every_row_is_accounted_for(self) -> None:
        assert waiting().names == len(self.oracle.waiting())
        held = {c for c, verdict in self.oracle.verdict.items() if verdict == "held"}
        assert waiting().holds == sum(bool(self.oracle.runs(content)) for content in held)
        for run in ImportRun.objects.filter(state="done"):
            assert run.read == run.accepted + run.duplicate + run.held + run.rejected


def content_of(score: Score) -> Content:
    """The oracle's name of a score."""
    return Content(score.value, score.observed_on.day, score.external_id)


def newest(score: Score) -> Decision:
    """The decision that holds."""
    return score.decisions.select_related("in_favour_of").latest("id")


def test_it_counts_what_the_rule_says_after_any_sequence_of_events() -> None:
    # Not in a step, which is undone: who posts remembers the number of its source.
    for slug in ("lab", "else"):
        Source.objects.create(slug=slug, name=slug)
    run_state_machine_as_test(
        Imports,
        settings=settings(
            max_examples=12,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
