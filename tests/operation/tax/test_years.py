"""What of gains is taxed, year by year, and the curve after tax; and folders, files and pages of it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.data import LeanFolder
from hidden_regime.data.lean_writing import write_lean_data
from hidden_regime.data.tables import TableMarket
from hidden_regime.exceptions import DataError, ParameterError
from hidden_regime.experiments import optimize, run_strategy
from hidden_regime.operation.tax import AfterTax, read_rates, tax_lots
from hidden_regime.operation.tax.after_tax import taxes_known
from hidden_regime.operation.tax.money import cents
from hidden_regime.operation.tax.rates import rates_of
from hidden_regime.operation.tax.reckoning import report_of
from hidden_regime.operation.tax.sources import events_in, events_of_run
from hidden_regime.operation.tax.years import years_of
from hidden_regime.research import tables
from hidden_regime.research.backtest import collect
from hidden_regime.simulator import run_file
from hidden_regime.simulator.run_state import run_state_of
from tests.data.test_lean_data import EVENTS, prices

RATES = rates_of({"dated": date(2024, 1, 2), "source": "a test", "rates": [
    {"from": 2000, "to": 2030, "short": Decimal("0.4"), "long": Decimal("0.2")}]})  # fmt: skip
RAW = """from AlgorithmImports import *


class Raw(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2015, 1, 5)
        self.set_end_date(2015, 6, 15)
        self.set_cash(100_000)
        self.share = self.get_parameter("share", 0.45)
        self.symbol = self.add_equity("ABC", Resolution.DAILY, data_normalization_mode=DataNormalizationMode.RAW).symbol

    def on_data(self, data):
        if self.symbol in data.bars and self.time.day % 3 == 0:
            self.set_holdings(self.symbol, 0.9 if self.time.month % 2 else self.share)
"""


@pytest.mark.parametrize(
    ("gains", "taxed", "left", "tax"),
    [((100, 50), (100, 50), (0, 0), 50), ((-30, 50), (0, 20), (0, 0), 4), ((-80, 50), (0, 0), (30, 0), 0),
     ((100, -30), (70, 0), (0, 0), 28), ((20, -30), (0, 0), (0, 10), 0), ((-20, -30), (0, 0), (20, 30), 0)],
)  # fmt: skip
def test_losses_are_set_off_first_against_their_own_kind(gains, taxed, left, tax):
    year = years_of({2024: tuple(Decimal(one) for one in gains)}, RATES)[0]
    assert ((year.taxed_short, year.taxed_long), (year.left_short, year.left_long), year.tax) == (taxed, left, tax)


def test_a_loss_goes_on_until_gains_have_used_it_up():
    totals = {2021: (Decimal(-100), Decimal(0)), 2023: (Decimal(30), Decimal(20)), 2024: (Decimal(80), Decimal(0))}
    years = years_of(totals, RATES)
    assert [(one.year, one.left_short, one.tax) for one in years] == [
        (2021, 100, 0),
        (2022, 100, 0),
        (2023, 50, 0),
        (2024, 0, 12),
    ]


@given(st.lists(st.tuples(st.integers(-500, 500), st.integers(-500, 500)), min_size=1, max_size=6))
def test_what_is_taxed_and_what_is_left_are_all_gains(gains):
    years = years_of({2020 + n: (Decimal(short), Decimal(long)) for n, (short, long) in enumerate(gains)}, RATES)
    taxed = sum(one.taxed_short + one.taxed_long for one in years)
    assert taxed - years[-1].left_short - years[-1].left_long == sum(map(sum, gains))


def test_rates_come_from_a_file_and_no_year_is_guessed(tmp_path):
    path = tmp_path / "rates.toml"
    path.write_text('dated = 2024-01-02\nsource = "me"\n[[rates]]\nfrom = 2023\nshort = 0.37\nlong = 0.15\n')
    rates = read_rates(path)
    assert (rates.of(2023).short, rates.dated) == (Decimal("0.37"), date(2024, 1, 2))
    with pytest.raises(DataError, match="say nothing of 2024: add"):
        rates.of(2024)
    for bad, said in (
        ("dated = 1", "without quotation"), ("[[rates]]\nfrom = 2023\nto = 2022\nshort = 0\nlong = 0", "at least 2023"),
        ("[[rates]]\nfrom = 2023\nshort = 15\nlong = 0", "from 0 to 1"), ("shrot = 1", "one of dated, source, rates"),
        ("[[rates]]\nfrom = 2020\nto = 2025\nshort = 0\nlong = 0\n[[rates]]\nfrom = 2023\nshort = 0\nlong = 0", "after 2025"),
    ):  # fmt: skip
        path.write_text(("" if "dated" in bad else 'dated = 2024-01-02\nsource = "me"\n') + bad)
        with pytest.raises(DataError, match=said):
            read_rates(path)


def trade(day, quantity, price):
    return {"time": day, "symbol": "M", "quantity": quantity, "price": price, "fee": 0}


def test_a_curve_owes_what_was_known_by_each_day():
    trades = [trade("2023-01-03", 10, 10), trade("2023-03-01", -5, 20), trade("2023-12-20", -5, 4), trade("2024-01-05", 5, 4)]
    report = tax_lots(trades, rates=RATES)
    known = taxes_known(report.closed, RATES)
    # 50 gained at 40%; 30 of it lost again; and that was put off by the purchase of January, which tells of the year before.
    assert known == [
        (date(2023, 3, 1), Decimal("20.00")),
        (date(2023, 12, 20), Decimal("8.00")),
        (date(2024, 1, 5), Decimal("20.00")),
    ]
    days = pd.to_datetime(["2023-02-28", "2023-03-01", "2023-12-29", "2024-01-05"])
    curve = report.after_tax(pd.Series([100.0, 150.0, 120.0, 120.0], index=days))
    assert curve["after_tax"].tolist() == [100.0, 130.0, 112.0, 100.0]
    with pytest.raises(ParameterError, match="rates"):
        tax_lots(trades).after_tax(curve["equity"])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 40), st.integers(-9, 9).filter(bool), st.integers(1, 30)), min_size=2, max_size=14),
       st.integers(1, 13))  # fmt: skip
def test_no_day_owes_what_only_a_later_one_knows(told, cut):
    day, trades = date(2023, 1, 2), []
    for gap, quantity, price in told:
        day += timedelta(days=gap)
        trades.append(trade(day, quantity, price))
    until = trades[min(cut, len(trades)) - 1]["time"]
    whole = taxes_known(tax_lots(trades).closed, RATES)
    assert [one for one in whole if one[0] <= until] == taxes_known(tax_lots(trades, at=until).closed, RATES)


@pytest.fixture(scope="module")
def raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("raw")
    (folder / "raw.py").write_text(RAW)
    write_lean_data(TableMarket({"ABC": prices()}), folder / "data", events={"ABC": EVENTS})  # 7 for 1, and 1 for 2
    run = run_file(folder / "raw.py", LeanFolder(folder / "data"))
    tables.write(collect(run, "raw"), folder / "out")
    return folder, run


def test_lots_are_what_the_account_holds_through_a_split(raw):
    folder, run = raw
    events = events_of_run(run)
    holdings = {
        one.symbol.value: one.holdings.quantity
        for one in run_state_of(run.algorithm).securities.values()
        if one.holdings.quantity
    }
    report = report_of("raw", events, "fifo", RATES)
    assert {symbol: float(shares) for symbol, shares in report.positions.items()} == holdings
    assert any(hasattr(one, "ratio") for one in events)
    name, filed = events_in(folder / "out")
    assert (name, list(filed)) == ("raw", [one for one in events if not hasattr(one, "ratio")])


def test_the_objective_is_the_curve_of_the_run(raw):
    folder, run = raw
    figures = AfterTax(RATES).of(run)
    core = run_state_of(run.algorithm)
    equity = run_strategy(folder / "raw.py", folder / "data").equity["equity"]
    closed = report_of("raw", events_of_run(run), "fifo", RATES)
    held = {one.symbol.value: one.price for one in core.securities.values()}
    unrealised = sum(float(lot.quantity) * held[lot.symbol] - float(lot.amount) for lot in closed.open)
    # All of it is short term in one year, so the tax is 40% of what the account gained, trades and all.
    tax = max(0.4 * (float(closed.realised) + unrealised), 0.0)
    assert figures["Tax"] == pytest.approx(tax, abs=0.02) and tax > 0
    assert figures["Net Profit"] == pytest.approx((equity.iloc[-1] - tax) / equity.iloc[0] - 1.0)


def test_a_search_goes_by_what_is_left_after_tax(raw, tmp_path):
    folder, _ = raw
    asked = {
        "method": "grid",
        "workers": 1,
        "store": None,
        "objective": "After-Tax.Net Profit",
        "figures": [AfterTax(RATES)],
        "data": folder / "data",
    }
    study = optimize(folder / "raw.py", {"share": ["0.0", "0.9"]}, out=tmp_path / "study", **asked)
    values = {trial.parameters["share"]: trial.values[0] for trial in study.trials}
    for share, value in values.items():
        result = run_strategy(folder / "raw.py", folder / "data", parameters={"share": share})
        assert value < result.statistics["Net Profit"]
    assert study.best.parameters["share"] == max(values, key=values.get)
    other = optimize(folder / "raw.py", {"share": ["0.0", "0.9"]}, **asked | {"figures": [AfterTax(RATES, "hifo")]})
    assert other.id != study.id
    with pytest.raises(ParameterError, match="a path in its result file"):
        optimize(folder / "raw.py", {"share": ["0.9"]}, **asked | {"figures": []})


def test_files_are_whole_equal_and_without_markup_from_outside(tmp_path):
    trades = [trade("2023-01-03", 10, 10) | {"symbol": "<b>M"}, trade("2023-03-01", -5, 20) | {"symbol": "<b>M"}]
    report = tax_lots(trades, rates=RATES, prices={"<b>M": 12}, name="<i>x")
    pages = [report.write(tmp_path / name, pd.Series([1000.0, 990.0], index=pd.to_datetime(["2023-01-03", "2023-03-02"])))
             for name in ("a", "b")]  # fmt: skip
    assert [path.name for path in pages[0]] == ["lots.csv", "open.csv", "report.html", "taxes.json"]
    assert all(one.read_bytes() == other.read_bytes() for one, other in zip(*pages, strict=True))
    page = (tmp_path / "a" / "report.html").read_text(encoding="utf-8")
    assert "<b>M" not in page and "<i>x" not in page and "no advice" in page
    told = json.loads((tmp_path / "a" / "taxes.json").read_text())
    assert (told["schema"], told["realised"], told["unrealised"], told["tax"]) == (
        "hidden-regime/tax-lots/1",
        "50.00",
        "10.00",
        "20.00",
    )
    table = pd.read_csv(tmp_path / "a" / "lots.csv")
    assert table.columns[:8].tolist() == ["description", "acquired", "sold", "proceeds", "basis", "code", "adjustment", "gain"]
    again = tax_lots(str(write_rows(tmp_path / "fills.csv", trades)), rates=RATES)
    assert again.closed == report.closed


def write_rows(path, trades):
    pd.DataFrame(trades).to_csv(path, index=False)
    return path


def test_folders_and_results_that_say_too_little_are_refused(tmp_path, raw):
    with pytest.raises(DataError, match="0 files NAME-order-events"):
        tax_lots(tmp_path)
    with pytest.raises(ParameterError, match="when each order was filled"):
        tax_lots(run_strategy(raw[0] / "raw.py", raw[0] / "data"))
    event = {"symbolValue": "X", "time": 1.7e9, "status": "filled", "fillQuantity": 1.0, "fillPrice": 5.0, "orderId": 1}
    path = tmp_path / "x-order-events.json"
    path.write_text(json.dumps([event | {"symbol": "SPY R735QTJ8XC9X"}]))
    assert tax_lots(tmp_path).positions == {"X": 1}
    for other in ("EURUSD 8G", "BTCUSD XJ", "SPY 2T|SPY R735QTJ8XC9X"):
        path.write_text(json.dumps([event | {"symbol": other}]))
        with pytest.raises(DataError, match="expected shares alone"):
            tax_lots(tmp_path)
    path.write_text('[{"status": "filled"}]')
    with pytest.raises(DataError, match="can't be read"):
        tax_lots(tmp_path)


@given(st.fractions(-1000, 1000))
def test_cents_are_the_nearest_ones(value):
    found = cents(value)
    assert abs(np.longdouble(0) + float(found) - float(value)) <= 0.0050000001 and found == found.quantize(Decimal("0.01"))


def test_what_a_live_export_holds_has_lots_with_splits_beside(tmp_path):
    (tmp_path / "orders.csv").write_text(
        "market_time,order,event,ticker,type,status,quantity,fill_quantity,fill_price,fee,message\n"
        "2024-03-01 16:00:00,1,1,ABC,MARKET,SUBMITTED,10.0,0.0,0.0,0.0,\n"
        "2024-03-01 16:00:00,1,2,ABC,MARKET,FILLED,10.0,10.0,12.0,1.0,\n"
        "2024-06-03 16:00:00,2,2,ABC,MARKET,FILLED,-15.0,-15.0,7.0,1.0,\n"
    )
    splits = [{"time": "2024-05-01", "symbol": "ABC", "split": 2}]
    report = tax_lots(tmp_path, splits=splits)
    assert (report.positions, report.closed[0].basis, report.closed[0].proceeds) == (
        {"ABC": 5},
        Decimal("90.75"),
        Decimal("104.00"),
    )
    assert tax_lots(tmp_path).positions == {"ABC": -5}  # nobody told of the split
    (tmp_path / "orders.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataError, match="what live export writes"):
        tax_lots(tmp_path)
