"""What is usual at a time of day, taken out of observations by earlier days only."""

from __future__ import annotations

import json
from datetime import datetime, timedelta

import numpy as np
import pandas as pd
import pytest

from hidden_regime import MarketDetector, RegimeDetector, find_regimes, load_dataset
from hidden_regime.bars.time_of_day import LEAST, SPAN, TimeOfDay
from hidden_regime.exceptions import ParameterError, SavedModelError
from hidden_regime.testing import check_causal

OPTIONS = {"n_states": 2, "lookback": 150, "retrain": "never", "time_of_day": True}


def u_shaped(days=40, bars=13, seed=0):
    """Half hours of a market without regimes, three times as wild at the ends of a day as at noon."""
    rng = np.random.default_rng(seed)
    index = pd.DatetimeIndex(
        [day + pd.Timedelta(minutes=600 + 30 * i) for day in pd.bdate_range("2021-01-04", periods=days, tz="America/New_York")
         for i in range(bars)])  # fmt: skip
    u = np.tile(1 + 2 * np.linspace(-1, 1, bars) ** 2, days)
    close = 100 * np.exp(np.cumsum(rng.normal(0, 0.002, len(u)) * u))
    opens = np.r_[100, close[:-1]]
    spread = 0.001 * u * np.abs(rng.normal(size=(2, len(u))))
    top, bottom = np.maximum(opens, close), np.minimum(opens, close)
    return pd.DataFrame(
        {"open": opens, "high": top * (1 + spread[0]), "low": bottom * (1 - spread[1]), "close": close}, index=index
    )


def shares(states):
    known = states[states["regime"].notna()]
    return (known["regime"] == "Bear").groupby(known.index.hour * 60 + known.index.minute).mean()


def test_the_hour_of_the_day_is_no_regime():
    frame = u_shaped(days=100)
    plain = shares(find_regimes(frame, **OPTIONS | {"time_of_day": False, "hysteresis": 0.0}).states)
    freed = shares(find_regimes(frame, **OPTIONS | {"hysteresis": 0.0}).states)
    assert np.ptp(plain) > 0.5
    assert np.ptp(freed) < 0.3


def test_rows_are_freed_by_what_was_usual_before_them():
    rng = np.random.default_rng(1)
    clock, begin = TimeOfDay(2, 0), datetime(2021, 1, 4, 10)
    seen: dict[int, list[list[float]]] = {0: [], 1: [], 2: []}
    for day in range(30):
        for i in range(3):
            row = [rng.normal(0, 1 + i), rng.normal(5 * i, 1) if rng.uniform() > 0.2 else np.nan]
            expected = list(row)
            for f in range(2) if len([s for s in seen.values() if s]) + (not seen[i]) > 1 else ():
                past = {k: [abs(r[f]) if f == 0 else r[f] for r in rows if not np.isnan(r[f])] for k, rows in seen.items()}
                if len(past[i]) < LEAST:
                    expected[f] = np.nan
                    continue
                overall = np.mean([np.mean(values) for values in past.values() if len(values) >= LEAST])
                own = np.mean(past[i])
                expected[f] = row[f] * overall / own if f == 0 else row[f] - (own - overall)
            found = clock.adjust(begin + timedelta(days=day, hours=i), row)
            np.testing.assert_allclose(found, expected, rtol=1e-9)
            seen[i].append(row)


def test_it_forgets_what_was_usual_long_ago():
    clock, begin = TimeOfDay(1, 0), datetime(2021, 1, 4, 10)
    for day in range(4 * SPAN):
        for hour, size in ((0, 1.0 if day < SPAN else 3.0), (1, 1.0)):
            row = clock.adjust(begin + timedelta(days=day, hours=hour), [size])
    assert row[0] == pytest.approx((3.0 + 1.0) / 2, rel=0.05)


def test_days_stay_as_they_are():
    frame = load_dataset("sp500").iloc[:400]
    options = {"n_states": 2, "lookback": 100}
    found = RegimeDetector(**options, time_of_day=True).run(frame)
    pd.testing.assert_frame_equal(found, RegimeDetector(**options).run(frame))


def test_no_later_bar_is_looked_at():
    check_causal(lambda: RegimeDetector(**OPTIONS), u_shaped(30), cuts=(200, 251, 300))


@pytest.mark.parametrize("kind", [RegimeDetector, MarketDetector])
def test_it_goes_on_after_a_file_and_in_pieces(kind, tmp_path):
    def form(begin, end):
        frames = {"A": u_shaped(40), "B": u_shaped(40, seed=1)}
        return {k: f.iloc[begin:end] for k, f in frames.items()} if kind is MarketDetector else frames["A"].iloc[begin:end]

    whole = kind(**OPTIONS).run(form(0, None))
    detector = kind(**OPTIONS)
    first = detector.run(form(0, 300))
    detector.save(tmp_path / "detector")
    again = kind.load(tmp_path / "detector")
    pd.testing.assert_frame_equal(pd.concat([first, again.extend(form(300, None))]), whole)
    bad = json.loads(json.dumps(detector.to_dict()))
    for change in ({"known": [[90000, [1, 1], [1, 1]]]}, {"sums": [[1, 1]]}, {"sums": [[1, float("nan")]] * 2}, {"known": None}):
        with pytest.raises(SavedModelError):
            kind.from_dict(bad | {"time_of_day": bad["time_of_day"] | change})


def test_several_assets_at_once_have_the_rows_of_each_alone():
    frames = {"A": u_shaped(30), "B": u_shaped(25, seed=1)}
    found = RegimeDetector(**OPTIONS).run(frames)
    for name, frame in frames.items():
        pd.testing.assert_frame_equal(found[name], RegimeDetector(**OPTIONS).run(frame))


def test_it_is_true_or_false():
    with pytest.raises(ParameterError, match="time_of_day"):
        RegimeDetector(time_of_day="yes")
