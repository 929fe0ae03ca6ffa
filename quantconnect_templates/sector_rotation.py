"""Sector rotation: own the sectors that are in a bull market of their own.

Idea: each sector has its own regime. Those in a preferred regime share the portfolio in proportion to the confidence in it,
none with more than `limit`; what is left is in defensive assets. It looks at the first bar of each month, for sectors
turn slowly.

Parameters: assets (sectors; default XLK,XLF,XLV,XLE,XLY,XLP,XLI,XLU,XLB), defensive (default SHY), preferred (regimes; default
Bull), limit (largest share of a sector), start and end (yyyy-mm-dd), cash, n_states, lookback (trading days), retrain.
Data: daily US equities.
What to expect: on the packaged stocks 29 orders a year; in a general decline everything is defensive.
"""

from AlgorithmImports import *

from hidden_regime.quantconnect import HiddenRegimeAlgorithm, MultiAssetSignalAdapter


class SectorRotation(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(*map(int, self.get_parameter("start", "2006-01-03").split("-")))
        self.set_end_date(*map(int, self.get_parameter("end", "2020-12-31").split("-")))
        self.set_cash(self.get_parameter("cash", 100000))
        self.sectors = self.subscribe(self.get_parameter("assets", "XLK,XLF,XLV,XLE,XLY,XLP,XLI,XLU,XLB"))
        self.defensive = self.subscribe(self.get_parameter("defensive", "SHY"))
        self.preferred = [name.strip() for name in self.get_parameter("preferred", "Bull").split(",")]
        self.shares = MultiAssetSignalAdapter(equal_weight=False, concentration_limit=self.get_parameter("limit", 0.4))
        for symbol in self.sectors:
            self.initialize_regime_detection(
                symbol,
                n_states=self.get_parameter("n_states", 3),
                lookback_days=self.get_parameter("lookback", 252),
                retrain_frequency=self.get_parameter("retrain", "monthly"),
                stagger=True,
            )
        self.month = None

    def subscribe(self, tickers):
        return [self.add_equity(t.strip(), Resolution.DAILY).symbol for t in tickers.split(",") if t.strip()]

    def on_data(self, data):
        month = (self.time.year, self.time.month)
        if self.is_warming_up or not data.bars.count or month == self.month:
            return
        self.month = month
        self.shares.clear()
        for symbol in self.sectors:
            if self.regime_is_ready(symbol):
                self.shares.add_asset_signal(symbol.value, self.get_regime_signal(symbol))
        found = self.shares.calculate_portfolio_allocations(self.preferred)
        wishes = {symbol: 0.98 * found.get(symbol.value, 0.0) for symbol in self.sectors}
        left = max(0.0, round(0.98 - sum(wishes.values()), 9))
        for symbol in self.defensive:
            wishes[symbol] = left / len(self.defensive)
        self.set_holdings([PortfolioTarget(s, w) for s, w in wishes.items() if self.securities[s].price > 0])
        self.plot("sectors", "in a preferred regime", sum(1 for share in found.values() if share > 0))
