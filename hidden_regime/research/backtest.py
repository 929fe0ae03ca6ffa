"""What a run of the embedded engine came to, as tables."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from hidden_regime.quantconnect.bar_length import WEEKS
from hidden_regime.quantconnect.tracking import Tracked, trackers_of
from hidden_regime.regimes.state import RegimeModel, RegimeState
from hidden_regime.regimes.statistics import TRADING_DAYS, days_per_year, regime_table
from hidden_regime.regimes.table import states_to_frame
from hidden_regime.research.tables import ORDER_COLUMNS, AssetRegimes, Backtest
from hidden_regime.simulator import result as lean_result
from hidden_regime.simulator.enums import DataNormalizationMode, Resolution, SecurityType
from hidden_regime.simulator.figures.portfolio import mean_rate
from hidden_regime.simulator.framework.composite import members_of
from hidden_regime.simulator.loop.engine import Run
from hidden_regime.simulator.run_state import run_state_of

PAIRS = SecurityType.FOREX, SecurityType.CRYPTO


def equity_by_day(run: Run) -> tuple[npt.NDArray[np.datetime64], npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Trading days of a run, and equity and benchmark at the close of each, as known at the midnight after; (n_days,) each.

    Where coins are traded every day is one, else each session of the exchange. LEAN takes the bar of a day of UTC that begins on
    the last day, too, which ends on the next one: that day is no day of the run.
    """
    if run.sampler is None or not run.sampler.samples.returns:
        return np.empty(0, "datetime64[D]"), np.empty(0), np.empty(0)
    samples = run.sampler.samples
    marks, value = dict(samples.benchmark), dict(samples.equity)
    # A sample at New York midnight belongs to the day before; the last one is taken at a close.
    days = (np.array(list(marks), "datetime64[us]") - np.timedelta64(301, "m")).astype("datetime64[D]")
    last_of_day = np.append(days[1:] != days[:-1], True)
    core = run_state_of(run.algorithm)
    first = core.start.date()
    if any(subscription.security.type == SecurityType.CRYPTO for subscription in core.subscriptions.values()):
        keep = last_of_day & (days >= np.datetime64(first)) & (days <= np.datetime64(core.end.date()))
    else:
        open_days = core.calendar.between(max(first, days[0].item()), days[-1].item())
        keep = last_of_day & np.isin(days, np.array([session.date for session in open_days], "datetime64[D]"))
    equity = np.array([value.get(time, math.nan) for time in marks])
    return days[keep], equity[keep], np.array(list(marks.values()), np.float64)[keep]


def equity_of(run: Run) -> pd.DataFrame:
    """Equity and benchmark at the close of each trading day, as known at the midnight after."""
    days, equity, benchmark = equity_by_day(run)
    index = pd.DatetimeIndex(days.astype("datetime64[us]"), name="date")
    return pd.DataFrame({"equity": equity, "benchmark": benchmark}, index=index)


def orders_of(run: Run) -> pd.DataFrame:
    """Orders of a run, a row each."""
    rows = [
        [
            o.id,
            o.utc,
            o.symbol.value,
            str(o.type),
            o.quantity,
            str(o.status),
            o.price,
            sum(e.order_fee.value.amount for e in o.events),
            o.tag,
        ]
        for o in run_state_of(run.algorithm).book.orders.values()
    ]
    return pd.DataFrame(rows, columns=ORDER_COLUMNS)


def labels_of(tracked: Tracked, times: pd.DatetimeIndex) -> pd.DatetimeIndex:
    """By what regimes are shown that became known at some times: of days the day. A coin's ends at the next one's midnight."""
    return (times - pd.Timedelta(1, "us")).normalize() if tracked.length.is_daily else times


def _regimes(run: Run, tracked: Tracked) -> AssetRegimes | None:
    model = tracked.detector.model
    found = [state for state in tracked.states if state.time >= run.algorithm.start_date]
    if model is None or not found:
        return None
    doubt = tracked.detector.course.doubt.said
    index = pd.DatetimeIndex([state.time for state in found], name="time")
    if tracked.symbol.security_type in PAIRS:
        return _regimes_of_pair(run, tracked, model, found, index)
    index = labels_of(tracked, index)
    states = states_to_frame(found, index, tracked.detector.n_states)
    core = run_state_of(run.algorithm)
    mode = core.subscriptions[tracked.symbol].security.data_normalization_mode
    if not tracked.length.is_daily:
        close, adjusted = (_closes_at(run, tracked, which, index) for which in (mode, DataNormalizationMode.ADJUSTED))
        unit = " w" if tracked.length == WEEKS else " bars"
        table, transmat = regime_table(states, adjusted), model.parameters.transmat
        return AssetRegimes(tracked.ticker, states, close, table, model.names, transmat, unit, doubt)
    feed = core.catalog.other(tracked.symbol, mode, Resolution.DAILY, run.algorithm.start_date.date())
    rows, sessions = feed.window(datetime.min, core.end)
    close = pd.Series(feed.values[rows, 3], index=pd.DatetimeIndex([sessions[i].date for i in rows.tolist()]))
    close = close[close.index.isin(states.index)]
    # What followed is told in adjusted prices, whatever the strategy saw: in raw ones a split is a loss.
    whole = core.catalog.other(tracked.symbol, DataNormalizationMode.ADJUSTED, Resolution.DAILY, run.algorithm.start_date.date())
    places, days = whole.window(datetime.min, core.end)
    adjusted = pd.Series(whole.values[places, 3], index=pd.DatetimeIndex([days[i].date for i in places.tolist()]))
    table = regime_table(states, adjusted[adjusted.index.isin(states.index)], TRADING_DAYS)
    return AssetRegimes(tracked.ticker, states, close, table, model.names, np.asarray(model.parameters.transmat), " d", doubt)


def _regimes_of_pair(
    run: Run, tracked: Tracked, model: RegimeModel, found: list[RegimeState], ends: pd.DatetimeIndex
) -> AssetRegimes:
    """The same of currencies and coins, whose days end at midnight of UTC: they are shown by their own dates."""
    security = run_state_of(run.algorithm).subscriptions[tracked.symbol].security
    catalog, hours = run_state_of(run.algorithm).catalog, security.exchange.pair_hours
    begin, last = ends[0].to_pydatetime() - timedelta(days=14), ends[-1].to_pydatetime()
    closes: dict[datetime, float] = {}
    for quotes in (False, True):
        feed = catalog.pair_history(tracked.symbol, hours, security.resolution, quotes=quotes)
        closes = closes or {bar.end_time: bar.close for bar in feed.between(begin, last, fill_forward=False)}
    close = pd.Series(closes).reindex(ends, method="ffill")
    index, unit, year = labels_of(tracked, ends), " w" if tracked.length == WEEKS else " bars", None
    if tracked.length.is_daily:
        unit, year = " d", days_per_year(index)
    states, close = states_to_frame(found, index, tracked.detector.n_states), close.set_axis(index)
    table, transmat = regime_table(states, close, year), np.asarray(model.parameters.transmat)
    return AssetRegimes(tracked.ticker, states, close, table, model.names, transmat, unit, tracked.detector.course.doubt.said)


def _closes_at(run: Run, tracked: Tracked, mode: DataNormalizationMode, times: pd.DatetimeIndex) -> pd.Series:
    """What was paid last at the end of each bar, of bars that are no sessions."""
    core = run_state_of(run.algorithm)
    resolution = core.subscriptions[tracked.symbol].resolution
    feed = core.catalog.other(tracked.symbol, mode, resolution, run.algorithm.start_date.date())
    begin = times[0].to_pydatetime() - timedelta(days=14)  # a week whose first days were no sessions, and some
    found = {bar.end_time: bar.close for bar in feed.between(begin, core.end, fill_forward=False)}
    return pd.Series(found).reindex(times, method="ffill")


def sharpe_by_trading_days(run: Run, equity: pd.DataFrame) -> float:
    """Sharpe ratio of trading days, a year of `days_per_year`; NaN where no day differs."""
    returns = equity["equity"].pct_change().dropna()
    if len(returns) < 2 or not returns.std() > 0 or run.sampler is None:
        return math.nan
    rate = mean_rate([time for time, _ in run.sampler.samples.equity], run.market.interest_rates())
    year = days_per_year(returns.index)
    return float((returns.mean() - rate / year) / returns.std() * year**0.5)


def collect(run: Run, name: str) -> Backtest:
    """Tables of a run."""
    framework = run_state_of(run.algorithm).framework
    trackers = trackers_of(run.algorithm, *members_of(framework.alpha), *members_of(framework.risk))
    tracked: dict[str, Tracked] = {}
    for tracker in trackers:
        for ticker, asset in tracker.assets.items():
            tracked.setdefault(ticker, asset)
    assets = [_regimes(run, asset) for asset in tracked.values()]
    equity, lean = equity_of(run), lean_result.build(run, name)
    market = run.market
    return Backtest(
        name, lean, lean_result.files(run, name, lean), equity, orders_of(run), market.name, market.origin, market.synthetic,
        run.sampler.benchmark.ticker if run.sampler else "", run.status, run.message, sharpe_by_trading_days(run, equity),
        [a for a in assets if a is not None], sum(tracker.trainings for tracker in trackers),
        sum(tracker.seconds for tracker in trackers),
    )  # fmt: skip


def unknown_regimes(run: Run) -> tuple[dict[str, str], bool]:
    """Assets whose regimes never became known, each with the reason, and whether these are all that were watched."""
    trackers = trackers_of(run.algorithm) if run.error is None else []
    watched = [asset for tracker in trackers for asset in tracker.assets.values()]
    unknown = {}
    for asset in watched:
        if asset.detector.state is None:
            short = f"its window of {asset.detector.lookback} observations never filled. Give earlier data or a smaller lookback."
            unknown[asset.ticker] = asset.detector.error.text if asset.detector.error else short
    return unknown, bool(unknown) and len(unknown) == len(watched)
