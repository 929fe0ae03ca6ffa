"""What a detector expects: by hand from the same bars, causal, and found again by a model that is trained on it."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from hidden_regime import GaussianHMM, MarketDetector, RegimeDetector, load_dataset
from hidden_regime.bars.features import log_range, log_return
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.data.tables import TableMarket
from hidden_regime.exceptions import NotFittedError, ParameterError, TrainingError
from hidden_regime.regimes.bar_paths import BarPaths
from hidden_regime.regimes.density import forecast_returns
from hidden_regime.simulator import run_file

STEPS = 7


@pytest.fixture(scope="module")
def detector() -> RegimeDetector:
    found = RegimeDetector(3)
    found.run(load_dataset("msft").iloc[:1000])
    return found


def observed(frame: pd.DataFrame) -> np.ndarray:
    """Log returns and log ranges, bar by bar."""
    bars = list(frame_to_bars(frame))
    return np.array([[log_return(pair), log_range(pair[1:])] for pair in zip(bars, bars[1:], strict=False)])


def seen_in(bars: BarPaths) -> tuple[np.ndarray, np.ndarray]:
    """What `observed` gives of all paths, and the states of these bars."""
    logs = [np.log(part[:, 1:]) for part in (bars.open, bars.high, bars.low, bars.close)]
    variances = 0.5 * (logs[1] - logs[2]) ** 2 - (2 * np.log(2) - 1) * (logs[3] - logs[0]) ** 2
    return np.stack([np.diff(np.log(bars.close), axis=1), 0.5 * np.log(variances)], axis=-1), bars.states[:, 1:]


def same(a, b) -> bool:
    return all(np.array_equal(getattr(a, n), getattr(b, n)) for n in ("probabilities", "means", "deviations", "usual"))


def test_a_forecast_is_that_of_the_windows_bars_and_the_model_in_use(detector):
    rows = observed(load_dataset("msft").iloc[:1000])[-252:]
    p = detector.model.parameters
    by_hand = forecast_returns(
        rows[:, 0], rows[:, 1], p.means[:, 0], p.deviations[:, 0], detector.state.probabilities, p.transmat, STEPS
    )
    found = detector.forecast(STEPS)
    assert same(found, by_hand)
    assert found.names == detector.model.names
    assert found.scale == by_hand.scale and found.scale.has_range
    assert sum(found.regimes.values()) == pytest.approx(np.ones(STEPS), rel=1e-12)
    assert detector.forecast().n_steps == 1


def test_later_bars_and_the_way_they_came_in_change_no_forecast(prices):
    """By update, by a run, by a run that was extended, from a file: bit for bit."""
    by_update = RegimeDetector(2, lookback=120)
    for bar in frame_to_bars(prices.iloc[:300]):
        by_update.update(bar)
    by_run, extended = RegimeDetector(2, lookback=120), RegimeDetector(2, lookback=120)
    by_run.run(prices.iloc[:300])
    extended.run(prices.iloc[:170])
    extended.extend(prices.iloc[170:300])
    loaded = RegimeDetector.from_dict(json.loads(json.dumps(by_run.to_dict())))
    first, drawn = by_update.forecast(STEPS), by_update.simulate(STEPS, 3, 1)
    assert (first.probabilities[0] > 0).all()
    for other in (by_run, extended, loaded):
        assert same(other.forecast(STEPS), first)
        assert (other.simulate(STEPS, 3, 1).high == drawn.high).all()
    by_run.extend(prices.iloc[300:330])
    assert same(by_update.forecast(STEPS), first)
    assert not same(by_run.forecast(STEPS), first)


def test_asking_changes_nothing(prices):
    asked, left = RegimeDetector(2, lookback=120), RegimeDetector(2, lookback=120)
    for bar in frame_to_bars(prices.iloc[:250]):
        state = asked.update(bar)
        assert state == left.update(bar)
        if state is not None:
            asked.forecast(2)
            asked.simulate(2, random_state=0)


def test_states_in_another_order_give_the_same_density(detector):
    other = RegimeDetector.from_dict(detector.to_dict())
    other.relabel([2, 0, 1])
    one, two = detector.forecast(STEPS), other.forecast(STEPS)
    np.testing.assert_allclose(one.quantile(0.01), two.quantile(0.01), rtol=1e-12)
    for name, chance in one.regimes.items():
        np.testing.assert_allclose(two.regimes[name], chance, rtol=1e-12)


def test_before_the_first_training_it_says_what_is_missing(prices):
    detector = RegimeDetector(2)
    for call in (detector.forecast, lambda: detector.simulate(5)):
        with pytest.raises(NotFittedError, match=r"0 observations, and trains at 252.*run\(frame\)"):
            call()
    for bar in frame_to_bars(prices.iloc[:101]):
        detector.update(bar)
    with pytest.raises(NotFittedError, match="100 observations, and trains at 252"):
        detector.forecast()


def test_where_the_training_failed_it_says_why():
    still = pd.DataFrame({"close": 100.0}, index=pd.bdate_range("2020-01-01", periods=80))
    detector = RegimeDetector(2, lookback=60)
    for bar in frame_to_bars(still):
        detector.update(bar)
    with pytest.raises(NotFittedError, match=r"training failed: .*constant"):
        detector.forecast()


def test_between_the_halves_of_a_bar_nothing_is_said(prices):
    bars = list(frame_to_bars(prices.iloc[:320]))
    detector = RegimeDetector(2)
    for bar in bars[:300]:
        detector.update(bar)
    task = detector.push(bars[300])
    for call in (detector.forecast, lambda: detector.simulate(5)):
        with pytest.raises(TrainingError, match="half taken"):
            call()
    assert task is None
    detector.adopt(None)
    assert np.isfinite(detector.forecast().sd).all()


@pytest.mark.parametrize("steps", [0, -1, 1.5, True, "3"])
def test_steps_are_numbers_of_bars(detector, steps):
    for call in (detector.forecast, detector.simulate):
        with pytest.raises(ParameterError, match="steps = "):
            call(steps)


@pytest.mark.parametrize(
    ("name", "options"),
    [("n_paths", {"n_paths": 0}), ("n_paths", {"n_paths": 2.0}), ("night", {"night": 1.0}), ("night", {"night": -0.1})],
)
def test_options_outside_their_limits_are_named(detector, name, options):
    with pytest.raises(ParameterError, match=f"{name} = "):
        detector.simulate(5, **options)


@pytest.mark.parametrize(
    ("options", "has_range"),
    [
        ({"features": ("log_return", "log_realised_volatility")}, False),
        ({"features": ("log_range", "volume_zscore")}, True),
        ({"features": ("log_realised_volatility",)}, False),
        ({"emission": "student_t", "n_iter": 5}, True),
        ({"filter_degrees": None, "covariance_type": "full"}, True),
        ({"naming": lambda moments: ["Calm"] * 2}, True),
    ],
)
@pytest.mark.parametrize("moving_scale", [True, False])
def test_every_kind_of_detector_has_forecasts_and_paths(options, has_range, moving_scale):
    frame = load_dataset("ibm").iloc[:500]
    detector = RegimeDetector(2, **options)
    detector.run(frame)
    found = detector.forecast(STEPS)
    assert found.scale.has_range is has_range
    mean, sd = detector.model.return_moments(detector.course.options.return_place)
    np.testing.assert_allclose(found.usual, sd, rtol=1e-12)
    assert (found.quantile(0.05) < found.mean).all()
    assert sum(found.regimes.values()) == pytest.approx(np.ones(STEPS), rel=1e-12)
    bars = detector.simulate(100, 200, 0, moving_scale=moving_scale)
    assert (bars.high >= np.maximum(bars.open, bars.close)).all() and (bars.low <= np.minimum(bars.open, bars.close)).all()
    assert (bars.low > 0).all() and np.isfinite(bars.high).all()
    if not moving_scale and "emission" not in options:
        rows, states = seen_in(bars)
        for k in range(2):
            r = rows[states == k, 0]
            assert r.mean() == pytest.approx(mean[k], abs=6 * sd[k] / np.sqrt(len(r)))
            assert r.std() == pytest.approx(sd[k], rel=0.05)


def test_closes_alone_are_enough(prices):
    detector = RegimeDetector(2)
    detector.run(prices[["close"]].iloc[:400])
    assert not detector.forecast().scale.has_range
    bars = detector.simulate(50, 20, 0)
    assert (bars.open[:, 1:] == bars.close[:, :-1]).all()  # no night is known of
    assert (bars.high > bars.low).all()


def test_a_market_has_the_returns_of_its_mean():
    frames = {name: load_dataset(name).iloc[:400] for name in ("ibm", "msft")}
    market = MarketDetector(2)
    market.run(frames)
    rows = np.mean([observed(frame)[-252:] for frame in frames.values()], axis=0)
    mean, sd = market.model.return_moments(0)
    by_hand = forecast_returns(
        rows[:, 0], rows[:, 1], mean, sd, market.state.probabilities, market.model.parameters.transmat, STEPS
    )
    np.testing.assert_allclose(market.forecast(STEPS).quantile(0.05), by_hand.quantile(0.05), rtol=1e-9)
    bars = market.simulate(5, 4, 0, night=0.0)
    assert (bars.open[:, 0] == 100.0).all()


def test_hours_are_of_an_average_time_of_day():
    """The first and the last of six hours are three times as wild; what is forecast is what is left without that."""
    rng = np.random.default_rng(0)
    days = pd.bdate_range("2023-01-02", periods=100)
    index = pd.DatetimeIndex([day + pd.Timedelta(hours=hour) for day in days for hour in range(10, 16)])
    usual = np.where(np.isin(index.hour, (10, 15)), 3.0, 1.0)
    close = 100 * np.exp(np.cumsum(0.002 * usual * rng.standard_normal(len(index))))
    frame = pd.DataFrame({"close": close}, index=index)
    detector = RegimeDetector(2, time_of_day=True, stay_weight=500.0)
    detector.run(frame)
    assert detector.forecast().sd[0] == pytest.approx(0.002 * usual.mean(), rel=0.2)
    hours = pd.date_range("2023-06-01 10:00", periods=6, freq="h")
    assert detector.simulate(6, random_state=0).frame(0, hours).index.equals(hours)


def test_paths_begin_at_the_latest_close_and_go_on_as_wild_as_the_market_is(detector):
    bars = detector.simulate(STEPS, 20_000, 3, night=0.0)
    assert (bars.open[:, 0] == load_dataset("msft")["close"].iloc[999]).all()
    returns = np.diff(np.log(np.column_stack([bars.open[:, 0], bars.close])), axis=1)
    forecast = detector.forecast(STEPS)
    np.testing.assert_allclose(returns.std(axis=0), forecast.sd, rtol=0.03)
    for k in range(3):
        np.testing.assert_allclose((bars.states == k).mean(axis=0), forecast.probabilities[:, k], atol=0.012)
    assert np.quantile(returns[:, 0], 0.05) == pytest.approx(forecast.quantile(0.05)[0], rel=0.04)


@pytest.mark.parametrize("moving_scale", [True, False])
def test_one_seed_has_one_answer(detector, moving_scale):
    one, two, three = (detector.simulate(30, 5, seed, moving_scale=moving_scale) for seed in (4, 4, 5))
    for name in ("open", "high", "low", "close", "states"):
        assert (getattr(one, name) == getattr(two, name)).all()
    assert (one.close != three.close).any()
    assert (detector.simulate(30, 5, np.random.default_rng(4), moving_scale=moving_scale).high == one.high).all()
    free = [detector.simulate(30, 5, moving_scale=moving_scale).close for _ in range(2)]
    assert (free[0] != free[1]).any()


def test_without_the_moving_scale_each_state_has_the_moments_that_were_trained(detector):
    p = detector.model.parameters
    rows, states = seen_in(detector.simulate(500, 400, 0, night=0.0, moving_scale=False))
    for k in range(3):
        mine = rows[states == k]
        assert len(mine) > 5000
        assert mine[:, 0].mean() == pytest.approx(p.means[k, 0], abs=5 * p.deviations[k, 0] / np.sqrt(len(mine)))
        assert mine[:, 0].std() == pytest.approx(p.deviations[k, 0], rel=0.02)
        assert stats.kurtosis(mine[:, 0]) == pytest.approx(0.0, abs=0.3)  # the tails of the filter are nobody's returns
        # A body that is wider than its range makes it wider.
        assert mine[:, 1].mean() == pytest.approx(p.means[k, 1], abs=0.06)
        assert mine[:, 1].std() == pytest.approx(p.deviations[k, 1], abs=0.05)


def test_the_model_that_made_a_path_is_found_in_it(detector):
    """By a GaussianHMM and by a detector, each from other starts than the truth."""
    p = detector.model.parameters
    bars = detector.simulate(8000, 1, 11, moving_scale=False)
    frame = bars.frame()
    model = GaussianHMM(3, covariance_type="diag", random_state=0).fit(observed(frame))
    again = RegimeDetector(3, lookback=7999, retrain="never")
    again.run(frame)
    for found in (model._parameters, again.model.parameters):
        order = [int(np.argmin(np.abs(found.means[:, 1] - mean))) for mean in p.means[:, 1]]
        assert sorted(order) == [0, 1, 2]
        found = found.reordered(order)
        np.testing.assert_allclose(found.means[:, 0], p.means[:, 0], atol=0.0025)
        np.testing.assert_allclose(found.deviations[:, 0], p.deviations[:, 0], rtol=0.1)
        np.testing.assert_allclose(found.means[:, 1], p.means[:, 1], atol=0.1)
        np.testing.assert_allclose(found.deviations[:, 1], p.deviations[:, 1], rtol=0.15)
        np.testing.assert_allclose(np.diagonal(found.transmat), np.diagonal(p.transmat), atol=0.02)
    truth = np.array([int(np.argmin(np.abs(model.means_[:, 1] - mean))) for mean in p.means[:, 1]])[bars.states[0, 1:]]
    assert (model.predict(observed(frame)) == truth).mean() > 0.9


def test_moving_paths_look_like_the_window(detector):
    """Ranges are as wide, as scattered and as tied to the returns; squares are correlated, which a state's own aren't."""
    window = detector.course.rows.latest(252)
    rows, states = seen_in(detector.simulate(252, 400, 2))
    assert rows[..., 1].mean() == pytest.approx(window[:, 1].mean(), abs=0.35)
    assert rows[..., 1].std() == pytest.approx(window[:, 1].std(), rel=0.5)
    together = [np.corrcoef(np.abs(r[..., 0]).ravel(), r[..., 1].ravel())[0, 1] for r in (rows, window)]
    assert together[0] == pytest.approx(together[1], abs=0.2)
    p = detector.model.parameters
    by_state = [rows[states == k] for k in range(3)]
    for k, mine in enumerate(by_state):
        # Four fifths of the variance are the scale's, which has seen other states.
        assert mine[:, 1].mean() == pytest.approx(p.means[k, 1], abs=0.3)
        assert mine[:, 0].std() == pytest.approx(p.deviations[k, 0], rel=0.3)
    calm, wild = (int(f(p.deviations[:, 0])) for f in (np.argmin, np.argmax))
    assert by_state[wild][:, 0].std() > 1.5 * by_state[calm][:, 0].std()
    squares = rows[..., 0] ** 2
    inside = (states[:, 1:] == calm) & (states[:, :-1] == calm)
    assert np.corrcoef(squares[:, :-1][inside], squares[:, 1:][inside])[0, 1] > 0.05


def test_the_night_is_what_ranges_did_not_see(detector):
    window = detector.course.rows.latest(252)
    share = 1 - np.exp(2 * window[:, 1]).sum() / (window[:, 0] ** 2).sum()
    assert 0.05 < share < 0.9
    bars = detector.simulate(300, 300, 0, moving_scale=False)
    gaps, returns = np.log(bars.open[:, 1:] / bars.close[:, :-1]), np.diff(np.log(bars.close), axis=1)
    assert (gaps**2).sum() / (returns**2).sum() == pytest.approx(share, abs=0.02)


def test_a_path_goes_through_the_engine_and_another_detector(detector, tmp_path):
    frame = detector.simulate(300, 2, 0).frame(1)
    market = TableMarket({"MAYBE": frame}, name="may be", origin="simulated", benchmark="MAYBE", synthetic=True)
    (tmp_path / "hold.py").write_text(
        "from AlgorithmImports import *\n\n\nclass Hold(QCAlgorithm):\n    def initialize(self):\n"
        f"        self.set_start_date({frame.index[0]:%Y, %-m, %-d})\n        self.set_end_date({frame.index[-1]:%Y, %-m, %-d})\n"
        "        self.add_equity('MAYBE', Resolution.DAILY)\n\n    def on_data(self, data):\n"
        "        if not self.portfolio.invested:\n            self.set_holdings('MAYBE', 1)\n"
    )
    run = run_file(tmp_path / "hold.py", market)
    assert run.error is None
    assert run.algorithm.portfolio.invested
    assert RegimeDetector(2, lookback=150).run(frame)["regime"].notna().sum() > 100
