"""Times, heads and names of columns in files: a file gives what the same frame gives, or says why it can't."""

from __future__ import annotations

import gzip

import numpy as np
import pandas as pd
import pytest

from hidden_regime import find_regimes, load_dataset
from hidden_regime.data import read_market
from hidden_regime.data.tables import read_table
from hidden_regime.exceptions import MissingColumnError, NonNumericError, UnadjustedPricesWarning


def write(path, text):
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


def walk(index):
    rng = np.random.default_rng(0)
    return pd.DataFrame({"close": 100 * np.exp(np.cumsum(rng.normal(0, 0.01, len(index))))}, index=index)


ZONES = ["UTC", "America/New_York", "Europe/London", "Australia/Sydney", "Asia/Kolkata"]


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz", ".parquet"])
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("start", ["2021-10-25", "2021-03-07", "2021-04-01"], ids=["autumn", "spring", "southern"])
@pytest.mark.parametrize("freq", ["h", "15min"])
def test_hours_and_minutes_of_any_zone_are_the_same_instants(tmp_path, suffix, zone, start, freq):
    frame = walk(pd.date_range(start, periods=24 * 30, freq=freq, tz=zone, name="date"))
    path = tmp_path / f"x{suffix}"
    frame.to_parquet(path) if suffix == ".parquet" else frame.to_csv(path)
    table = read_table(path)
    assert table.index.tz is not None
    np.testing.assert_array_equal(
        table.index.tz_convert("UTC").asi8, frame.index.tz_convert("UTC").as_unit(table.index.unit).asi8
    )
    assert table["close"].tolist() == frame["close"].tolist()


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("clock", ["00:00", "00:30", "16:00", "23:59"])
def test_days_keep_the_date_of_their_own_zone(tmp_path, suffix, zone, clock):
    days = pd.date_range("2021-02-01", periods=200, freq="B")
    frame = walk((days + pd.Timedelta(clock + ":00")).tz_localize(zone).rename("date"))
    path = tmp_path / f"x{suffix}"
    frame.to_parquet(path) if suffix == ".parquet" else frame.to_csv(path)
    assert [t.date() for t in read_table(path).index] == [t.date() for t in days]
    assert read_market(path).load("X").dates == [t.date() for t in days]


def test_a_file_finds_what_its_frame_finds(tmp_path):
    frame = walk(pd.date_range("2021-10-20", periods=24 * 30, freq="h", tz="UTC", name="date"))
    frame.to_csv(tmp_path / "x.csv")
    options = {"n_states": 2, "lookback": 300, "retrain": "never"}
    file, memory = find_regimes(tmp_path / "x.csv", **options), find_regimes(frame, **options)
    pd.testing.assert_frame_equal(file.states, memory.states, check_freq=False, check_names=False, check_index_type=False)


def dated(tmp_path, days):
    return write(tmp_path / "x.csv", "date,close\n" + "".join(f"{day},{i + 1}\n" for i, day in enumerate(days)))


@pytest.mark.parametrize(
    "form", ["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%m-%d-%Y", "%d/%m/%y", "%d/%m/%Y %H:%M", "%Y%m%d", "%Y/%m/%d"]
)
def test_the_whole_column_says_what_is_the_day(tmp_path, form):
    days = pd.date_range("2021-03-01", periods=40, freq="D")
    assert read_table(dated(tmp_path, days.strftime(form))).index.tolist() == days.tolist()


@pytest.mark.parametrize("form", ["%d/%m/%Y", "%m/%d/%Y"])
def test_where_both_orders_are_dates_the_one_in_which_time_rises(tmp_path, form):
    days = pd.DatetimeIndex(["2021-01-05", "2021-02-03", "2021-03-02", "2021-04-01"])
    assert read_table(dated(tmp_path, days.strftime(form))).index.tolist() == days.tolist()


@pytest.mark.parametrize("days", [["03/04/2021"], ["01/02/2021", "01/03/2021", "01/04/2021"], ["01.02.2021", "02.03.2021"]])
def test_dates_of_two_meanings_are_refused(tmp_path, days):
    with pytest.raises(NonNumericError, match="several ways") as caught:
        read_table(dated(tmp_path, days))
    form = str(caught.value).split("format=")[1].split("'")[1]
    pd.to_datetime(pd.Series(days), format=form)  # what it advises does


@pytest.mark.parametrize("days", [["13/04/2021", "04/13/2021"], ["2021-01-01T00:00:00Z", "2021-01-02T00:00:00"], ["yes", "no"]])
def test_what_is_no_date_in_any_way_is_refused(tmp_path, days):
    with pytest.raises(NonNumericError, match="'date' holds something that is no date"):
        read_table(dated(tmp_path, days))


DAYS = pd.date_range("2021-03-01", periods=5, freq="D")
SECONDS = (DAYS - pd.Timestamp(0)) // pd.Timedelta("1s")


@pytest.mark.parametrize(
    "numbers",
    [[f"{d:%Y%m%d}.0" for d in DAYS], [f"{d:%Y%m%d}" for d in DAYS], SECONDS, SECONDS * 10**3, SECONDS * 10**6, SECONDS * 10**9,
     [f"{s}.0" for s in SECONDS]],
    ids=["floats", "days", "s", "ms", "us", "ns", "float seconds"],
)  # fmt: skip
def test_numbers_for_times(tmp_path, numbers):
    assert read_table(dated(tmp_path, numbers)).index.tz_localize(None).tolist() == DAYS.tolist()


@pytest.mark.parametrize(
    "numbers", [[1.5, 2.5], [1, 2], [2020, 2021], ["20210301", "20219999"], [43831, 43832], ["True", "False"], [5e8, 20210301]]
)
def test_other_numbers_are_no_times(tmp_path, numbers):
    with pytest.raises(NonNumericError, match="no date"):
        read_table(dated(tmp_path, numbers))


def test_a_missing_date_among_floats_is_named(tmp_path):
    with pytest.raises(Exception, match="row 1 has no date"):
        read_table(dated(tmp_path, ["20210301.0", "", "20210303.0"]))


@pytest.mark.parametrize("suffix", [".csv", ".csv.gz"])
@pytest.mark.parametrize(
    "head", ["date,close,close", "Date,Close,close", "date,date,close", "date,volume,close,Volume", "date,price,last,price"]
)
def test_two_columns_of_one_name_are_refused_in_files_as_in_frames(tmp_path, suffix, head):
    n = head.count(",")
    text = head + "\n" + "".join("2021-01-0" + str(i) + ",2" * n + "\n" for i in range(1, 4))
    with pytest.raises(MissingColumnError, match="more than once"):
        read_table(write(tmp_path / f"x{suffix}", text))
    frame = pd.DataFrame([[2.0] * n] * 3, columns=head.split(",")[1:], index=DAYS[:3])
    if head.startswith(("date,date",)):
        return
    with pytest.raises(MissingColumnError, match="more than once"):
        find_regimes(frame)


def yfinance(tickers, *, by_ticker=False):
    fields = ["Open", "High", "Low", "Close", "Volume"]
    frame = walk(pd.date_range("2018-01-01", periods=300, freq="B", name="Date"))
    parts = {t: pd.concat([frame["close"] * (i + 1)] * 5, axis=1, keys=fields) for i, t in enumerate(tickers)}
    wide = pd.concat(parts, axis=1, names=["Ticker", "Price"])
    return frame, wide if by_ticker else wide.swaplevel(axis=1)


@pytest.mark.parametrize("by_ticker", [False, True])
@pytest.mark.parametrize("named", [False, True])
def test_the_three_lines_of_yfinance(tmp_path, by_ticker, named):
    frame, wide = yfinance(["SPY"], by_ticker=by_ticker)
    (wide if named else wide.rename_axis(columns=[None, None])).to_csv(tmp_path / "x.csv")
    result = find_regimes(tmp_path / "x.csv", n_states=2, lookback=100, retrain="never")
    assert result.name == "SPY"
    np.testing.assert_allclose(result.close, frame["close"])
    assert read_market(tmp_path / "x.csv").tickers() == ["SPY"]


def test_several_tickers_of_yfinance(tmp_path):
    frame, wide = yfinance(["SPY", "TLT"])
    wide.iloc[:5, [i for i, c in enumerate(wide.columns) if c[1] == "TLT"]] = np.nan
    wide.to_csv(tmp_path / "x.csv")
    with pytest.raises(ValueError, match="SPY, TLT: choose one"):
        find_regimes(tmp_path / "x.csv")
    market = read_market(tmp_path / "x.csv")
    np.testing.assert_allclose(market.load("TLT").close, 2 * frame["close"].iloc[5:])


@pytest.mark.parametrize("name", ["Close", "Adj Close", "Price", "close ", "last", "adj_close", "ADJ-CLOSE*"])
def test_a_frame_may_call_its_columns_as_a_file_may(tmp_path, name):
    frame = load_dataset("sp500")[["close"]].iloc[-200:]
    options = {"n_states": 2, "lookback": 100, "retrain": "never"}
    named = frame.rename(columns={"close": name})
    named.to_csv(tmp_path / "x.csv")
    expected = find_regimes(frame, **options).states
    read = pd.read_csv(tmp_path / "x.csv")
    for given in (named, tmp_path / "x.csv", read, read.rename(columns={read.columns[0]: "Date"})):
        found = find_regimes(given, **options)
        pd.testing.assert_frame_equal(found.states, expected, check_freq=False, check_names=False, check_index_type=False)
        assert found.close.tolist() == frame["close"].tolist()


def split(columns=("close", "Adj Close")):
    frame = walk(pd.date_range("2018-01-01", periods=300, freq="B", name="date"))
    raw, adjusted = columns
    prices = frame["close"].where(np.arange(300) < 150, frame["close"] / 4)
    return pd.DataFrame({raw: prices, adjusted: prices.where(np.arange(300) >= 150, prices / 4)})


@pytest.mark.parametrize("columns", [("close", "Adj Close"), ("Close", "adj_close"), ("close", "adjusted_close")])
def test_a_split_in_raw_closes_is_told(tmp_path, columns):
    frame = split(columns)
    frame.to_csv(tmp_path / "x.csv")
    for given in (frame, tmp_path / "x.csv"):
        with pytest.warns(UnadjustedPricesWarning, match=f"{frame.index[150]:%Y-%m-%d}"):
            find_regimes(given, n_states=2, lookback=100, retrain="never")


def test_dividends_are_no_splits():
    frame = walk(pd.date_range("2018-01-01", periods=300, freq="B"))
    frame["Adj Close"] = frame["close"] * np.where(np.arange(300) < 150, 0.97, 1.0)
    find_regimes(frame, n_states=2, lookback=100, retrain="never")


def remedied(frame, text):
    space = {"frame": frame.copy(), "pd": pd}
    advice = text.split("Set it: ")[1].rstrip(".")
    if advice.startswith("frame.index ="):
        exec(advice, space)
        return space["frame"]
    return eval(advice, space)


@pytest.mark.parametrize(
    "make",
    [lambda f: f.set_axis(f.index.to_period("D")), lambda f: f.set_axis(f.index.astype(str)),
     lambda f: f.set_axis(f.index.strftime("%Y%m%d").astype(int)), lambda f: f.reset_index().set_axis(list("abc") * 100),
     lambda f: f.assign(symbol="SPY").reset_index().set_axis(np.arange(300.0))],
    ids=["periods", "text", "numbers", "a column", "a column beside symbols"],
)  # fmt: skip
def test_what_a_message_advises_can_be_done(make):
    frame = walk(pd.date_range("2018-01-01", periods=300, freq="B", name="date"))
    options = {"n_states": 2, "lookback": 100, "retrain": "never"}
    with pytest.raises(MissingColumnError, match="expected a DatetimeIndex") as caught:
        find_regimes(make(frame), **options)
    found = find_regimes(remedied(make(frame), str(caught.value)), **options)
    assert found.states["prob_0"].tolist() == pytest.approx(find_regimes(frame, **options).states["prob_0"].tolist(), nan_ok=True)
