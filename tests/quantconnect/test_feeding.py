"""Feeding one asset while another waits."""

from __future__ import annotations

from types import SimpleNamespace

from hidden_regime import RegimeDetector, load_dataset
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.quantconnect import feeding
from hidden_regime.quantconnect.feeding import Feeder
from hidden_regime.quantconnect.scale import Scale
from hidden_regime.quantconnect.tracking import Tracked, Tracker


def test_reading_history_swallows_no_change_of_an_asset_that_waits(monkeypatch):
    frame = load_dataset("sp500").iloc[:400]
    states = RegimeDetector(2, lookback=100).run(frame)
    change = int(states["changed"].to_numpy().nonzero()[0][0])
    bars = list(frame_to_bars(frame.iloc[: change + 1]))
    detector = RegimeDetector(2, lookback=100)
    for bar in bars[:-1]:
        detector.update(bar)
    tracker, told = Tracker(), []
    tracker.on_change = lambda *facts: told.append(facts)
    for name, own in (("A", detector), ("B", RegimeDetector(2, lookback=100))):
        tracker.add(Tracked(name, name, own, {}, 0.0))
    waiting = tracker.assets["A"]
    waiting.offer = detector.offer(bars[-1])
    monkeypatch.setattr(Scale, "of", lambda *_: Scale())
    monkeypatch.setattr(feeding, "catch_up", lambda algorithm, symbol, ticker, own, read: (own, []))
    Feeder(SimpleNamespace(), tracker).seed(tracker.assets["B"])
    before, after = states["regime"].iloc[change - 1], states["regime"].iloc[change]
    assert [facts[:2] for facts in told] == [(before, after)]
