"""Long files: few at a time, whole for those who take them, and not for those who dawdle."""

from __future__ import annotations

import time

import pytest

from baskets.views import streams

KIND = "text/csv"


def parts(count: int) -> list[str]:
    return [f"{n}\r\n" for n in range(count)]


def test_it_sends_every_part_in_order_and_gives_its_place_back() -> None:
    for _again in range(2):
        answer = streams.streamed(iter(parts(5)), KIND)
        assert b"".join(answer.streaming_content).decode() == "".join(parts(5))  # type: ignore[attr-defined]
        answer.close()


def test_it_begins_no_second_long_file() -> None:
    first = streams.streamed(iter(parts(3)), KIND)
    second = streams.streamed(iter(parts(3)), KIND)
    assert (second.status_code, second["Retry-After"]) == (503, "20")
    first.close()
    third = streams.streamed(iter(parts(3)), KIND)
    assert third.status_code == 200
    third.close()


def test_it_gives_up_on_a_reader_who_dawdles(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    file = streams.LongFile(iter(["x" * 500_000] * 9))
    streams._PLACES.acquire()
    for seconds in (9.0, 19.0):  # 10 s for each part are allowed, and 20 s altogether.
        next(file)
        now[0] += seconds
    next(file)
    now[0] += 40.0
    with pytest.raises(streams.TooSlow, match="1500000 bytes in 68 s"):
        next(file)
    file.close()
