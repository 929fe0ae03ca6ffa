"""Bitcoin by regime: days of UTC decide how much, hours when; long only, in a cash account at Coinbase.

Idea: regimes are of days of UTC, seven a week, and known at midnight UTC. From then on the holding goes to what the regime asks
for, at most `part` of the account an hour. Where an hour closes below the day's open by `stop`, all is sold at once and
nothing is bought until the next day of UTC. Only what differs by more than `band` is traded, for each trade pays a fee.

Parameters: assets (coins against dollars, separated by commas; default BTCUSD), invested (largest share of the account in coins:
the rest pays fees, 0.3% a trade at Coinbase until 2019 and up to 0.8% since), part (share of the account traded an hour at
most), stop (fall within a day that sells; 0: never), band (share of the account), start and end (yyyy-mm-dd), cash,
n_states, lookback (days of UTC), retrain.
Data: hourly trades and quotes of Coinbase, and their daily bars for the first window.
What to expect: months in cash, and fees of 0.6 to 1.6% of what goes in and comes out again; a cash account can't sell what it
hasn't. Nothing is traded in an hour without a trade: LEAN would keep such orders, one upon the other, until the next.
"""

from AlgorithmImports import *

from hidden_regime.quantconnect import HiddenRegimeAlgorithm


class BitcoinRegimes(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(*map(int, self.get_parameter("start", "2016-09-01").split("-")))
        self.set_end_date(*map(int, self.get_parameter("end", "2020-12-31").split("-")))
        self.set_time_zone("UTC")
        self.set_cash(self.get_parameter("cash", 100000))
        self.set_brokerage_model(BrokerageName.COINBASE, AccountType.CASH)
        tickers = [ticker.strip() for ticker in self.get_parameter("assets", "BTCUSD").split(",") if ticker.strip()]
        self.coins = [self.add_crypto(ticker, Resolution.HOUR, Market.COINBASE).symbol for ticker in tickers]
        self.set_benchmark(self.coins[0])
        self.invested = self.get_parameter("invested", 0.95)
        self.part = self.get_parameter("part", 0.25)
        self.stop = self.get_parameter("stop", 0.08)
        self.band = self.get_parameter("band", 0.05)
        for symbol in self.coins:
            self.initialize_regime_detection(
                symbol,
                n_states=self.get_parameter("n_states", 3),
                lookback_days=self.get_parameter("lookback", 240),
                retrain_frequency=self.get_parameter("retrain", "monthly"),
            )
        self.opens, self.stopped = {}, {}

    def on_data(self, data):
        if self.is_warming_up:
            return
        for symbol in self.coins:
            bar = data.bars.get(symbol)
            if bar is None or bar.is_fill_forward or not self.regime_is_ready(symbol):  # an order on a filled bar waits
                continue
            day = bar.time.date()
            if self.opens.get(symbol, (None,))[0] != day:
                self.opens[symbol] = (day, bar.open)
            held = self.portfolio[symbol].holdings_value / self.portfolio.total_portfolio_value
            if self.stop and held > 0 and bar.close < self.opens[symbol][1] * (1 - self.stop):
                self.stopped[symbol] = day
                self.liquidate(symbol)
            elif self.stopped.get(symbol) != day:
                wish = self.invested / len(self.coins) * self.get_regime_allocation(symbol)
                if abs(wish - held) > self.band or (wish == 0 and held > 0.001):  # less is what fees have left
                    self.set_holdings(symbol, max(held - self.part, min(held + self.part, wish)))
