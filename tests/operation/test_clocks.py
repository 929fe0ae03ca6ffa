"""Clocks never fall."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hidden_regime.exceptions import ParameterError
from hidden_regime.operation import clocks
from hidden_regime.operation.clocks import FastClock, InstantClock, SystemClock, clock_of
from hidden_regime.simulator.clock import NEW_YORK
from tests.operation.strategies import TURNING
from tests.operation.worlds import deployed, journaled, runner

BEGIN = datetime(2012, 1, 3)


def reading(*times):
    """What stands for the machine's clock: seconds since 1970 of times in New York."""
    seconds = iter([time.timestamp() for time in times])
    return lambda: next(seconds)


def test_a_clock_that_is_put_back_stands_still_until_it_is_ahead_again():
    read = [datetime(2026, 1, 5, 12), datetime(2026, 1, 5, 11, 30), datetime(2026, 1, 5, 11, 59), datetime(2026, 1, 5, 12, 1)]
    clock = SystemClock(reading(*(time.replace(tzinfo=NEW_YORK) for time in read)))
    assert [clock.now() for _ in read] == [read[0], read[0], read[0], read[3]]
    assert clock.fell == timedelta(minutes=30)


def test_the_hour_that_an_autumn_night_has_twice_passes_once():
    utc = [
        datetime(2026, 11, 1, 5, 59, tzinfo=UTC),
        datetime(2026, 11, 1, 6, 30, tzinfo=UTC),
        datetime(2026, 11, 1, 7, 1, tzinfo=UTC),
    ]
    clock = SystemClock(reading(*utc))
    shown = [clock.now() for _ in utc]
    assert shown == [datetime(2026, 11, 1, 1, 59), datetime(2026, 11, 1, 1, 59), datetime(2026, 11, 1, 2, 1)]


def test_a_fast_clock_runs_at_its_speed(monkeypatch):
    seconds = iter([100.0, 100.5, 102.0])
    monkeypatch.setattr(clocks.time, "monotonic", lambda: next(seconds))
    clock = FastClock(BEGIN, 3600.0)
    assert clock.now() == BEGIN + timedelta(minutes=30) and clock.now() == BEGIN + timedelta(hours=2)


def test_an_instant_clock_is_where_it_is_waited_for():
    clock = InstantClock(BEGIN)
    clock.wait(BEGIN + timedelta(days=1), 0.1)
    clock.wait(BEGIN, 0.1)
    assert clock.now() == BEGIN + timedelta(days=1)


def test_which_clock_a_speed_is():
    assert isinstance(clock_of(None, BEGIN), SystemClock) and isinstance(clock_of(1e9, BEGIN), InstantClock)
    assert isinstance(clock_of(50.0, BEGIN), FastClock)
    with pytest.raises(ParameterError, match="speed"):
        clock_of(0.0, BEGIN)


class Jumping(InstantClock):
    """A clock that is put ahead by ten days in the middle: the machine slept."""

    def wait(self, until, most):
        super().wait(until, most)
        if self._now.date() == BEGIN.date() + timedelta(days=20):
            self._now += timedelta(days=10)


def test_what_a_clock_jumped_over_is_done_in_order_as_if_it_had_not(tmp_path):
    journal = deployed(tmp_path / "a", TURNING)
    assert runner(journal, clock=Jumping(BEGIN)).run() == "ended"
    other = deployed(tmp_path / "b", TURNING)
    assert runner(other).run() == "ended"
    assert journaled(journal) == journaled(other)
