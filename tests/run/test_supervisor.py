"""Watching over children: restarts, giving up, orderly and hurried stops, on real processes."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from indexsite.run import supervisor as watching
from indexsite.run.commands import Command
from indexsite.run.errors import RunError
from indexsite.run.postgres import Postgres
from indexsite.run.processes import command_of, first_number, wait_until
from indexsite.run.site import tell
from indexsite.run.supervisor import Stopped, Supervisor, ending

Make = Callable[..., Command]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def shell(script: str, name: str = "The child", **options: object) -> Command:
        line = ["/bin/sh", "-c", script]
        log, place = tmp_path / f"{name}.log", tmp_path
        return Command(name, line, log, place, dict(os.environ), **options)  # type: ignore[arg-type]

    return shell


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def watch(said: list[str]) -> Iterator[Supervisor]:
    supervisor = Supervisor(said.append)
    yield supervisor
    supervisor.stop_all()


def lines(path: Path) -> int:
    return len(path.read_text().splitlines()) if path.exists() else 0


def test_it_starts_a_child_that_died_again(
    make: Make, watch: Supervisor, said: list[str], tmp_path: Path
) -> None:
    watch.start(make("echo $$ >> started; exec sleep 60"))
    assert watch.wait(lambda: lines(tmp_path / "started") == 1, seconds=5)
    os.kill(first_number(tmp_path / "started"), signal.SIGKILL)
    assert watch.wait(lambda: lines(tmp_path / "started") == 2, seconds=5)
    assert said == ["The child ended by SIGKILL; starting it again in 0.5 s"]


def test_it_gives_up_on_a_child_that_keeps_dying(
    make: Make, watch: Supervisor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(watching, "LONGEST_DELAY", 0.01)
    watch.start(make("echo again >> started; echo the cause; exit 3"))
    with pytest.raises(RunError, match=r"ended 6 times within a minute.*status 3") as refusal:
        watch.wait(lambda: False, seconds=20)
    assert lines(tmp_path / "started") == 6
    assert "the cause" in str(refusal.value)


def test_it_forgives_deaths_of_more_than_a_minute_ago(
    make: Make, watch: Supervisor, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(watching, "LONGEST_DELAY", 0.01)
    monkeypatch.setattr(watching, "WINDOW", 0.0)
    watch.start(make("echo again >> started; exit 3"))
    assert watch.wait(lambda: lines(tmp_path / "started") > 7, seconds=20)


def test_it_waits_longer_from_death_to_death(
    make: Make, watch: Supervisor, said: list[str]
) -> None:
    child = make("exit 1")
    for _ in range(5):
        watch._note_death(child, 1, time.monotonic())
    assert [line.split()[-2] for line in said] == ["0.5", "1", "2", "4", "8"]


def test_it_leaves_nothing_of_a_dead_child_behind(
    make: Make, watch: Supervisor, tmp_path: Path
) -> None:
    watch.start(make("sleep 60 & echo $! > grandchild; sleep 0.2; exit 1"))
    watch.wait(lambda: lines(tmp_path / "grandchild") == 1, seconds=5)
    orphan = first_number(tmp_path / "grandchild")
    assert "sleep" in command_of(orphan)
    watch.stop_all()
    assert wait_until(lambda: not command_of(orphan), seconds=5)


def test_it_stops_children_in_reverse_order(make: Make, watch: Supervisor, tmp_path: Path) -> None:
    for name in ("first", "second", "third"):
        script = (
            f"trap 'echo {name} >> stopped; exit' TERM; echo up >> up; while :; do sleep .05; done"
        )
        watch.start(make(script, name))
    watch.wait(lambda: lines(tmp_path / "up") == 3, seconds=5)
    watch.stop_all()
    assert (tmp_path / "stopped").read_text().split() == ["third", "second", "first"]


def test_it_hurries_at_the_second_signal(make: Make, watch: Supervisor, tmp_path: Path) -> None:
    watch.start(make("trap '' TERM; echo up > up; while :; do sleep .05; done"))
    watch.wait(lambda: (tmp_path / "up").exists(), seconds=5)
    watch.signals = 2
    began = time.monotonic()
    watch.stop_all()
    assert time.monotonic() - began < 5


def test_it_ends_a_child_that_ignores_its_signal(
    make: Make, watch: Supervisor, tmp_path: Path
) -> None:
    stubborn = make(
        "trap '' TERM; echo $$ > up; while :; do sleep .05; done",
        stop_steps=((signal.SIGTERM, 0.3),),
    )
    watch.start(stubborn)
    watch.wait(lambda: lines(tmp_path / "up") == 1, seconds=5)
    watch.stop_all()
    assert not command_of(first_number(tmp_path / "up"))


@pytest.mark.parametrize("number", watching.SIGNALS)
def test_it_raises_stopped_once_a_signal_came(watch: Supervisor, number: signal.Signals) -> None:
    # Under nohup a hang-up is ignored, and stays so.
    inherited = signal.signal(number, signal.SIG_DFL)
    try:
        with watch.handling_signals():
            os.kill(os.getpid(), number)
            with pytest.raises(Stopped):
                watch.wait(lambda: False, seconds=5)
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, inherited)


def test_it_ends_a_step_when_asked_to_stop(make: Make, watch: Supervisor, tmp_path: Path) -> None:
    watch.signals = 1
    with pytest.raises(Stopped):
        watch.run_step(make("echo $$ > up; exec sleep 60"))
    assert not command_of(first_number(tmp_path / "up"))


def test_it_watches_children_while_a_step_runs(
    make: Make, watch: Supervisor, tmp_path: Path
) -> None:
    watch.start(make("echo again >> started; exit 1"))
    watch.run_step(make("sleep 1.5", "The step"))
    assert lines(tmp_path / "started") >= 2


def test_it_names_the_log_of_a_step_that_failed(make: Make, watch: Supervisor) -> None:
    with pytest.raises(
        RunError, match=r"The step failed: with status 4\. Its log, .*step\.log"
    ) as no:
        watch.run_step(make("echo because; exit 4", "The step"))
    assert str(no.value).endswith("\n    because")


def test_it_keeps_shown_output_out_of_the_log(
    make: Make, watch: Supervisor, capfd: pytest.CaptureFixture[str]
) -> None:
    step = make("echo password; echo complaint >&2", shown=True)
    watch.run_step(step)
    assert capfd.readouterr().out == "password\n"
    assert step.log.read_text() == "complaint\n"


def test_it_keeps_the_log_of_the_run_before(make: Make, watch: Supervisor) -> None:
    for text in ("one", "two"):
        step = make(f"echo {text}")
        watch.run_step(step)
    assert step.log.read_text() == "two\n"
    assert step.log.with_name(step.log.name + ".1").read_text() == "one\n"


def test_it_says_how_a_process_ended() -> None:
    assert [ending(3), ending(-9), ending(-99)] == ["with status 3", "by SIGKILL", "by signal 99"]


def test_it_brings_an_own_server_back_on_its_port(watch: Supervisor, tmp_path: Path) -> None:
    server = Postgres(tmp_path, durable=False)
    watch.watch(server)
    server.start()
    address, process = server.url("agi_app"), server.process
    assert process is not None
    process.kill()
    assert watch.wait(lambda: server.process is not process and server.ready(), seconds=20)
    assert server.url("agi_app") == address


def test_it_goes_on_without_a_terminal_under_nohup(watch: Supervisor) -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with watch.handling_signals():
            os.kill(os.getpid(), signal.SIGHUP)
        assert not watch.stopping()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_it_stops_although_nobody_reads_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as closed:
        monkeypatch.setattr("sys.stdout", closed)
        tell("Stopping")
        monkeypatch.undo()
        with suppress(OSError):
            closed.close()
