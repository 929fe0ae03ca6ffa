"""Clock and rounding of samples: against zoneinfo and against decimal arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from hypothesis import given
from hypothesis import strategies as st

from hidden_regime.simulator.clock import NEW_YORK, to_utc
from hidden_regime.simulator.figures.sampling import cents


@given(st.datetimes(min_value=datetime(1900, 1, 1), max_value=datetime(2100, 1, 1)))
def test_utc_is_zoneinfos_but_in_the_night_in_which_clocks_change(moment):
    around = {moment.replace(tzinfo=NEW_YORK, hour=hour).utcoffset() for hour in (0, 12)}
    if len(around) == 1:
        assert to_utc(moment) == moment.replace(tzinfo=NEW_YORK).astimezone(UTC).replace(tzinfo=None)


@given(st.one_of(
    st.floats(min_value=-1e7, max_value=1e13, allow_nan=False),
    st.integers(min_value=0, max_value=10**12).map(lambda n: n / 1e5),  # every tenth is a half of the last place
))  # fmt: skip
def test_equity_has_four_decimals_half_to_even(value):
    """Of the decimal number that is written for the double, which has eight decimals at most."""
    expected = float(Decimal(f"{value:.8f}").quantize(Decimal("0.0001"), ROUND_HALF_EVEN))
    assert cents(value) == expected


def test_what_the_last_step_trades_counts_where_a_run_ends_at_a_midnight(play):
    """A day of UTC ends with the run: two samples fall on one moment, and turnover is of both."""
    body = """
    self.set_time_zone(TimeZones.UTC)
    self.set_brokerage_model(BrokerageName.COINBASE, AccountType.CASH)
    self.coin = self.add_crypto("BTCUSD", Resolution.DAILY).symbol
    self.set_benchmark(self.coin)
    """
    hooks = """
    def on_data(self, data):
        self.seen.append(self.time)
        if self.time.day in (8, 11):
            self.market_order(self.coin, 1)
    """
    done = play(body, hooks, start="2017, 3, 6", end="2017, 3, 10")
    first, last = done.algorithm.transactions.get_orders()
    assert done.algorithm.seen[-1] == datetime(2017, 3, 11)
    turnover = done.sampler.samples.turnover
    traded = [share for share in turnover if share]
    assert traded[-1] == turnover[-1]
    worth = done.algorithm.portfolio.total_portfolio_value
    assert len(traded) == 2
    assert traded[1] == round(last.price / worth, 8)
    assert 0 < first.price < worth
