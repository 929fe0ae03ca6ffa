"""Lots against the examples of the rules, and against an oracle that goes share by share."""

from __future__ import annotations

import pickle
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime.exceptions import DataError, MissingColumnError, ParameterError
from hidden_regime.operation.tax import tax_lots
from hidden_regime.operation.tax.book import Book
from hidden_regime.operation.tax.choosing import Naming
from hidden_regime.operation.tax.fills import Fill, Split, events_of
from hidden_regime.operation.tax.term import first_long_day, is_long
from tests.operation.tax.oracle import Oracle


def rows(*trades, symbol="M"):
    return [{"time": day, "symbol": symbol, "quantity": q, "price": price, "fee": 0} for day, q, price in trades]


def money(text):
    return Decimal(text)


def test_the_example_of_the_rule():
    report = tax_lots(rows(("2024-03-01", 100, 10), ("2024-06-03", -100, "7.50"), ("2024-06-20", 100, 8)))
    sale, lot = report.closed[0], report.open[0]
    assert (sale.proceeds, sale.basis, sale.code, sale.adjustment, sale.gain) == tuple(
        money(one) if one != "W" else one for one in ("750.00", "1000.00", "W", "250.00", "0.00")
    )
    assert (lot.amount, lot.quantity) == (money("1050.00"), 100)
    assert lot.held_since == date(2024, 6, 20) - (date(2024, 6, 3) - date(2024, 3, 1))


def test_fewer_shares_bought_than_sold():
    """75 shares bought before the sale of 100: $750 of $1,000 are put off, bases $3,250 and $1,375 (regulation 1.1091-1, example 2)."""
    report = tax_lots(rows(("1954-09-21", 100, 50), ("1954-12-21", 50, 55), ("1954-12-27", 25, 45), ("1955-01-03", -100, 40)))
    assert (report.closed[0].adjustment, report.closed[0].gain) == (money("750.00"), money("-250.00"))
    assert [(lot.quantity, lot.amount) for lot in report.open] == [(50, money("3250.00")), (25, money("1375.00"))]
    assert {lot.held_since for lot in report.open} == {date(1954, 9, 21)}  # no day counts twice


def test_more_shares_bought_than_sold():
    """50 shares on each of four days: the first 100 take over loss and holding period (regulation 1.1091-1, example 3)."""
    later = [(f"1956-02-{day}", 50, 40) for day in (15, 16, 17, 18)]
    report = tax_lots(rows(("1954-09-15", 100, 50), ("1956-02-01", -100, 40), *later))
    assert report.closed[0].gain == money("0.00")
    assert [lot.amount for lot in report.open] == [money("2500.00")] * 2 + [money("2000.00")] * 2
    carried = date(1956, 2, 1) - date(1954, 9, 15)
    assert [lot.acquired - lot.held_since for lot in report.open] == [carried] * 2 + [timedelta(0)] * 2
    assert report.open_table()["term"].tolist() == ["long", "long", "short", "short"]


def test_a_loss_goes_on_through_a_chain():
    report = tax_lots(
        rows(("2024-01-02", 10, 100), ("2024-02-01", -10, 90), ("2024-02-05", 10, 95), ("2024-03-01", -10, 80),
             ("2024-03-20", 10, 85), ("2024-06-03", -10, 85))
    )  # fmt: skip
    assert [row.gain for row in report.closed] == [money("0.00"), money("0.00"), money("-250.00")]
    assert report.disallowed == money("350.00")  # 100, and these with the 150 of the second sale
    assert report.closed[2].held_since == date(2024, 3, 20) - timedelta(days=25) - timedelta(days=30)


@pytest.mark.parametrize(("gap", "put_off"), [(30, "100.00"), (31, "0.00")])
@pytest.mark.parametrize("after", [True, False])
def test_thirty_days_both_ways(gap, put_off, after):
    sale = date(2024, 6, 3)
    other = sale + timedelta(days=gap if after else -gap)
    report = tax_lots(rows(("2024-01-02", 10, 100), (sale.isoformat(), -10, 90), (other.isoformat(), 10, 90)))
    assert report.disallowed == money(put_off)


def test_the_rest_of_the_lot_that_was_sold_replaces_nothing():
    report = tax_lots(rows(("2024-06-03", 100, 10), ("2024-06-10", -50, 8)))
    assert (report.disallowed, report.closed[0].gain) == (money("0.00"), money("-100.00"))


def test_short_sales_are_short_term_and_wash_with_short_sales():
    report = tax_lots(rows(("2022-01-03", -10, 100), ("2024-02-01", 10, 110), ("2024-02-20", -10, 105), ("2024-09-03", 10, 95)))
    first, second = report.closed
    assert (first.acquired, first.sold, first.opened) == (date(2024, 2, 1), date(2024, 2, 1), date(2022, 1, 3))
    assert (first.proceeds, first.basis, first.adjustment, first.gain, first.is_long) == (
        money("1000.00"), money("1100.00"), money("100.00"), money("0.00"), False,
    )  # fmt: skip
    assert (second.proceeds, second.gain) == (money("950.00"), money("0.00"))  # 1,050 less the loss that it took over


def test_a_fill_through_zero_closes_and_opens():
    report = tax_lots(rows(("2024-01-02", 10, 10), ("2024-01-03", -15, 12), ("2024-01-04", 5, 11)))
    assert [(row.quantity, row.gain, row.is_short) for row in report.closed] == [
        (10, money("20.00"), False),
        (5, money("5.00"), True),
    ]
    assert report.positions == {}


@pytest.mark.parametrize(
    ("bought", "first"),
    [(date(2020, 2, 6), date(2021, 2, 7)), (date(2023, 2, 28), date(2024, 3, 1)), (date(2024, 2, 28), date(2025, 3, 1)),
     (date(2024, 2, 29), date(2025, 3, 1)), (date(2023, 12, 31), date(2025, 1, 1))],
)  # fmt: skip
def test_long_is_more_than_a_year(bought, first):
    """Bought 6 February 2020: sold 6 February 2021 is short, a day later long (Publication 550); ends of months by Rev. Rul. 66-7."""
    assert first_long_day(bought) == first
    assert [is_long(bought, first - timedelta(days=1)), is_long(bought, first)] == [False, True]


def test_highest_cost_first_and_lots_that_are_named():
    trades = rows(("2024-01-02", 10, 10), ("2024-01-03", 10, 30), ("2024-01-04", 10, 20), ("2024-06-03", -15, 25))
    for number, row in enumerate(trades):
        row["id"] = f"o{number}"
    basis = {m: [(r.lot, r.quantity) for r in tax_lots(trades, m).closed] for m in ("fifo", "hifo")}
    assert basis == {"fifo": [("o0", 10), ("o1", 5)], "hifo": [("o1", 10), ("o2", 5)]}
    named = tax_lots(trades, "specific", chosen={"o3": [("o2", 8)]})
    assert [(row.lot, row.quantity) for row in named.closed] == [("o0", 7), ("o2", 8)]  # the rest is first in first out
    with pytest.raises(DataError, match="which has 10: expected at most"):
        tax_lots(trades, "specific", chosen={"o3": [("o2", 12)]})
    with pytest.raises(DataError, match="more than it does"):
        tax_lots(trades, "specific", chosen={"o9": [("o2", 1)]})
    with pytest.raises(ParameterError, match="fifo and hifo need none"):
        tax_lots(trades, "specific")


def test_splits_change_shares_and_not_money():
    trades = [*rows(("2024-01-02", 15, 30)), {"time": "2024-02-01", "symbol": "M", "split": "0.1", "price": 290}]
    report = tax_lots([*trades, *rows(("2024-03-01", -1, 310))])
    assert [(row.quantity, row.proceeds, row.basis) for row in report.closed] == [
        (Fraction(1, 2), money("145.00"), money("150.00")), (1, money("310.00"), money("300.00")),
    ]  # fmt: skip
    assert report.positions == {}
    sold = rows(("2024-01-02", 10, 30), ("2024-05-01", -10, 20), ("2024-05-20", 10, 10))
    sold.insert(2, {"time": "2024-05-10", "symbol": "M", "split": 2})  # ten new shares are five of those that were sold
    assert tax_lots(sold).disallowed == money("50.00")
    third = [*rows(("2024-01-02", 100, 30)), {"time": "2024-02-01", "symbol": "M", "split": Fraction(1, 3)}]
    assert tax_lots([*third, {"time": "2024-02-02", "symbol": "M", "split": 3}]).positions == {"M": 100}


def test_what_is_unrealised_on_a_day():
    trades = rows(("2023-01-03", 10, 10), ("2024-01-03", -4, 12), ("2024-06-03", -6, 9))
    report = tax_lots(trades, at=date(2024, 3, 1), prices={"M": 11.5})
    assert (report.realised, report.unrealised, report.positions) == (money("8.00"), money("9.00"), {"M": 6})
    assert report.open_table()["term"].tolist() == ["long"]
    assert tax_lots(trades, at=date(2024, 3, 1)).unrealised is None
    assert report.sold_out().realised == money("17.00")


@pytest.mark.parametrize(
    ("bad", "error"),
    [({"quantity": 0}, "shares"), ({"price": -1}, "at least 0"), ({"price": "nan"}, "at least 0"), ({"time": "noon"}, "2024-03-01"),
     ({"symbol": " "}, "name of an asset"), ({"split": 0}, "above 0"), ({"price": "1e40"}, "at least 0"), ({"time": "9999-12-31"}, "between the years"), ({"shares": 1}, "one of the columns")],
)  # fmt: skip
def test_rows_that_cannot_be_are_named(bad, error):
    with pytest.raises(ParameterError, match=error):
        tax_lots([rows(("2024-01-02", 1, 1))[0] | bad])
    with pytest.raises(MissingColumnError, match="lacks 'price'"):
        tax_lots([{"time": "2024-01-02", "symbol": "M", "quantity": 1}])
    with pytest.raises(ParameterError, match="expected rows"):
        tax_lots({"time": 1})


def test_times_with_a_zone_are_new_yorks():
    assert events_of([rows(("2024-01-03T02:30:00+00:00", 1, 1))[0]])[0].day == date(2024, 1, 2)


trades = st.lists(
    st.tuples(st.integers(0, 22), st.integers(-6, 6).filter(bool), st.integers(1, 12), st.sampled_from((0, 0, 0, 0, 0, 0, 0, 2))),
    min_size=1, max_size=14,
)  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(trades, st.sampled_from(("fifo", "hifo")))
def test_lots_are_those_of_an_oracle_that_goes_share_by_share(told, method):
    day, book, oracle, splits, position = date(2023, 1, 2), Book("M", method, Naming({})), Oracle(method), 0, 0
    for number, (gap, quantity, price, ratio) in enumerate(told):
        day += timedelta(days=gap)
        if ratio and splits < 2:
            book.split(Split(fill_time(day), "M", Fraction(ratio)))
            oracle.split(ratio)
            splits, position = splits + 1, position * ratio
        book.fill(Fill(fill_time(day), "M", Fraction(quantity), Fraction(price * 4), Fraction(0), f"o{number}"))
        oracle.fill(day, quantity, price * 400.0, f"o{number}")
        position += quantity
        assert sum(lot.signed for lot in book.lots) == position
    ours, theirs = defaultdict(lambda: [Decimal(0)] * 4), defaultdict(lambda: [Decimal(0)] * 4)
    for row in book.closed:
        add(ours[row.lot, row.order, row.held_since], row.proceeds, row.basis, row.adjustment, Decimal(row.quantity.numerator))
    for one in oracle.sold:
        values = (one.proceeds, one.basis, sum(one.put_off))
        add(theirs[one.lot, one.order, one.share.since], *(Decimal(value) / 100 for value in values), Decimal(1))
    assert ours == theirs
    assert totals((lot.id, lot.held_since, lot.amount, lot.quantity) for lot in book.lots) == totals(
        (one.lot, one.since, Decimal(one.value) / 100, 1) for one in oracle.held
    )


def fill_time(day):
    return events_of(rows((day.isoformat(), 1, 1)))[0].time


def add(sums, *values):
    for place, value in enumerate(values):
        sums[place] += value


def totals(lots):
    out = defaultdict(lambda: [Decimal(0), Fraction(0)])
    for name, since, amount, quantity in lots:
        out[name, since][0] += amount
        out[name, since][1] += quantity
    return dict(out)


prices = st.decimals(min_value=Decimal("0.01"), max_value=500, places=4)
fills = st.lists(
    st.tuples(st.integers(0, 25), st.sampled_from("AB"), st.integers(-900, 900).filter(bool), prices, st.decimals(0, 5, places=3)),
    min_size=1, max_size=25,
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(fills, st.sampled_from(("fifo", "hifo")))
def test_no_cent_is_lost_and_lots_are_the_positions(told, method):
    day, trades, positions = date(2023, 1, 2), [], defaultdict(Fraction)
    for gap, symbol, quantity, price, fee in told:
        day += timedelta(days=gap)
        trades.append({"time": day, "symbol": symbol, "quantity": quantity, "price": price, "fee": fee})
        positions[symbol] += quantity
    report = tax_lots(trades, method)
    paid = sum((one.amount if one.quantity < 0 else -one.amount for one in events_of(trades)), Decimal(0))
    open_ = sum((lot.amount if lot.is_short else -lot.amount for lot in report.open), Decimal(0))
    assert paid == report.realised + open_
    assert report.positions == {name: shares for name, shares in positions.items() if shares}
    assert all(row.adjustment <= max(row.basis - row.proceeds, Decimal(0)) for row in report.closed)
    assert pickle.loads(pickle.dumps(report)).closed == report.closed
