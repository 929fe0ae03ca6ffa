"""What is known stays to the last bit, what is hidden changes, and bars stay bars."""

from __future__ import annotations

import zipfile
from datetime import date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.data import LeanFolder, make_market
from hidden_regime.exceptions import ParameterError, StudyError
from hidden_regime.experiments.lookahead.future import Future
from hidden_regime.experiments.lookahead.markets import without_beginning, without_future
from hidden_regime.experiments.lookahead.traced import closes
from tests.experiments.lookahead.planted import market

COLUMNS = ("open", "high", "low", "close", "volume")
DAYS = market().load("UP").dates


@settings(max_examples=25, deadline=None)
@given(
    day=st.sampled_from(DAYS),
    hour=st.sampled_from([0, 12, 16, 20]),
    how=st.sampled_from(["cut", "changed"]),
    seed=st.integers(0, 9),
)
def test_days(day, hour, how, seed):
    moment = datetime.combine(day, datetime.min.time()).replace(hour=hour)
    base = market()
    hidden = without_future(base, Future(moment, how, seed=seed), closes(base))
    ours, theirs = base.load("UP"), hidden.load("UP")
    known = sum(datetime.combine(one, datetime.min.time()).replace(hour=16) <= moment for one in DAYS)
    for name in COLUMNS:
        assert np.array_equal(getattr(ours, name)[:known], getattr(theirs, name)[:known])
    assert closes(hidden)(DAYS[-1]) == closes(base)(DAYS[-1])  # the calendar is no secret
    assert hidden.days() == base.days()
    if how == "cut":
        assert theirs.dates == ours.dates[:known]
        return
    assert theirs.dates == ours.dates
    later = slice(known, None)
    assert (theirs.low[later] <= np.minimum(theirs.open, theirs.close)[later]).all()
    assert (theirs.high[later] >= np.maximum(theirs.open, theirs.close)[later]).all()
    assert (theirs.low > 0).all()
    if known and known < len(DAYS):
        anchor = ours.close[known - 1]
        moved = np.abs(np.log(ours.close[later] / anchor)) > 0.05  # more than the jitter
        assert (np.sign(theirs.close[later] - anchor) == -np.sign(ours.close[later] - anchor))[moved].all()


def test_nothing_but_what_is_asked_for_changes():
    base = make_market(n_days=300).market
    first, second = base.tickers()[:2]
    day = base.load(first).dates[100]
    future = Future(
        datetime.combine(day, datetime.min.time()), until=datetime.combine(day, datetime.min.time()) + timedelta(days=10)
    )
    hidden = without_future(base, future, closes(base)).load(first)
    same = hidden.close == base.load(first).close
    until = sum(one <= future.until.date() for one in hidden.dates)
    assert same[:100].all()
    assert same[until:].all()
    assert not same[100 : until - 1].any()
    only = without_future(base, Future(future.moment, only=second), closes(base))
    assert only.load(first) is base.load(first)
    assert not np.array_equal(only.load(second).close, base.load(second).close)


def hidden_folder(market, day, how):
    """The folder from noon of a day on."""
    moment = datetime.combine(day, datetime.min.time()) + timedelta(hours=12)
    return moment, without_future(market, Future(moment, how), closes(market))


def quoted(folder):
    """A LEAN folder with three days of quotes."""
    rng = np.random.default_rng(0)
    for day in ("20140106", "20140107", "20140108"):
        place = folder / "equity/usa/minute/spy" / f"{day}_quote.zip"
        place.parent.mkdir(parents=True, exist_ok=True)
        lines = []
        for minute in range(390):
            bid = 1_000_000 + int(rng.integers(-5000, 5000))
            sides = [f"{price},{price + 90},{price - 90},{price},3" for price in (bid, bid + 200)]
            lines.append(f"{(9 * 60 + 30 + minute) * 60_000},{','.join(sides)}")
        with zipfile.ZipFile(place, "w") as archive:
            archive.writestr(f"{place.stem}.csv", "\n".join(lines) + "\n")
    for name, text in (("map", "19980102,spy,P\n20501231,spy,P\n"), ("factor", "20501231,1,1,0\n")):
        (folder / f"equity/usa/{name}_files").mkdir(parents=True)
        (folder / f"equity/usa/{name}_files/spy.csv").write_text(text)
    return LeanFolder(folder)


@pytest.mark.parametrize("how", ["cut", "changed"])
@pytest.mark.parametrize("kind", ["bars", "quotes"])
def test_minutes_of_a_lean_folder(reference_market, tmp_path, how, kind):
    def found(market, ticker):
        return market.intraday(ticker, 1) if kind == "bars" else market.quotes(ticker)

    tickers = [ticker for ticker in reference_market.tickers() if found(reference_market, ticker) is not None]
    market, ticker = (reference_market, tickers[0]) if tickers else (quoted(tmp_path), "SPY")
    day = found(market, ticker).days[1]
    _, hidden = hidden_folder(market, day, how)
    ours, theirs = found(market, ticker).find(day), found(hidden, ticker).find(day)
    known, still = ours.starts + 1 <= 12 * 60, theirs.starts + 1 <= 12 * 60
    assert 0 < known.sum() < len(known)
    for one, other in zip(ours[1:], theirs[1:], strict=True):
        assert np.array_equal(one[known], other[still])
        if how == "changed":
            assert (one[~known, :4] != other[~still, :4]).any(axis=1).all()
    if how == "cut":
        assert still.all()
        assert max(found(hidden, ticker).days) == day


@pytest.mark.parametrize("how", ["cut", "changed"])
def test_hours_of_a_lean_folder(reference_market, how):
    ticker = next(ticker for ticker in reference_market.tickers() if reference_market.hourly(ticker) is not None)
    times, prices = reference_market.hourly(ticker)
    moment, hidden = hidden_folder(reference_market, times[500].date(), how)
    told, changed = hidden.hourly(ticker)
    n = sum(time <= moment for time in times)
    assert np.array_equal(prices[:n], changed[:n])
    assert (len(told) == n) if how == "cut" else (told == times and (prices[n:] != changed[n:]).mean() > 0.9)
    ours, theirs = (market.intraday(ticker, 60).find(moment.date()) for market in (reference_market, hidden))
    known = ours.starts + 60 <= 12 * 60
    assert np.array_equal(ours.values[known], theirs.values[: known.sum()])
    before, after = reference_market.load(ticker), hidden.load(ticker)
    assert after.factors is before.factors
    assert hidden.listing(ticker) is after
    assert hidden.has(ticker)


def test_a_beginning_that_is_taken_away(reference_market):
    base = market()
    late = without_beginning(base, date(2010, 3, 1))
    assert late.load("UP").dates == [day for day in DAYS if day >= date(2010, 3, 1)]
    assert late.days() == base.days()
    ticker = reference_market.tickers()[0]
    late = without_beginning(reference_market, date(2006, 1, 1))
    assert late.load(ticker).dates[0] >= date(2006, 1, 1)


def test_what_cant_be_hidden_is_refused():
    base = market()
    with pytest.raises(StudyError, match="str"):
        without_future("market", Future(datetime(2010, 1, 1)), closes(base))
    with pytest.raises(ParameterError, match="how"):
        Future(datetime(2010, 1, 1), "guessed")
