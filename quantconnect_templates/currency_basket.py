"""Currency basket: each pair long or short by its own regime, all with the same share of the volatility.

Idea: regimes are of days of UTC, five a week. A pair is held long in Bull, short in Bear (`short` times as much) and not at all
in Sideways. What the regimes expect of tomorrow's volatility sizes it: each pair may bring `volatility` over their number, a
year of 260 days, so that a calm pair is held for more money than a wild one. Orders go out once a day, at `hour`, and only
where a pair is more than `band` off what it should be.

Parameters: assets (pairs separated by commas; default EURUSD,GBPUSD,USDJPY), volatility (of a year, if all pairs moved as one),
most (largest size of all pairs together, in times of the account), short, hour (of New York, 0 to 15: on Friday the market
closes at 17), band (share of the account), broker (oanda or default), start and end (yyyy-mm-dd), cash, n_states, lookback
(days of UTC), retrain.
Data: hourly OANDA forex, and its daily bars for the first window. OANDA's model refuses market orders of daily bars, so hours.
What to expect: gross exposure of one to two times the account, a few orders a week; no interest between currencies is booked.
"""

from AlgorithmImports import *

from hidden_regime.quantconnect import HiddenRegimeAlgorithm


class CurrencyBasket(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(*map(int, self.get_parameter("start", "2016-01-04").split("-")))
        self.set_end_date(*map(int, self.get_parameter("end", "2020-12-31").split("-")))
        self.set_cash(self.get_parameter("cash", 100000))
        if self.get_parameter("broker", "oanda") == "oanda":
            self.set_brokerage_model(BrokerageName.OANDA_BROKERAGE, AccountType.MARGIN)
        asked = self.get_parameter("assets", "EURUSD,GBPUSD,USDJPY").split(",")
        tickers = [ticker.strip() for ticker in asked if ticker.strip()]
        self.pairs = [self.add_forex(ticker, Resolution.HOUR, Market.OANDA).symbol for ticker in tickers]
        self.set_benchmark(self.pairs[0])
        self.volatility = self.get_parameter("volatility", 0.10)
        self.most = self.get_parameter("most", 3.0)
        self.short = self.get_parameter("short", 1.0)
        self.hour = self.get_parameter("hour", 8)
        self.band = self.get_parameter("band", 0.05)
        for symbol in self.pairs:
            self.initialize_regime_detection(
                symbol,
                n_states=self.get_parameter("n_states", 3),
                lookback_days=self.get_parameter("lookback", 260),
                retrain_frequency=self.get_parameter("retrain", "monthly"),
            )

    def wish(self, symbol):
        """Share of the account, negative short."""
        signal = self.get_regime_signal(symbol)
        side = 2 * signal.allocation - 1  # allocations are 1 in Bull, 0.5 in Sideways and 0 in Bear
        by_volatility = self.volatility / (signal.metadata["expected_volatility"] * 260**0.5)
        return side * (self.short if side < 0 else 1) * min(by_volatility, self.most) / len(self.pairs)

    def on_data(self, data):
        if self.is_warming_up or self.time.hour != self.hour or self.time.minute:
            return
        for symbol in self.pairs:
            bar = data.quote_bars.get(symbol)
            if bar is None or bar.is_fill_forward or not self.regime_is_ready(symbol):  # a holiday's bars are the last one's
                continue
            wish = self.wish(symbol)
            held = self.portfolio[symbol].holdings_value / self.portfolio.total_portfolio_value
            if abs(wish - held) > self.band or (wish == 0 and held != 0):
                self.set_holdings(symbol, wish)
