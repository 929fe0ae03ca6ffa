"""Optimised multi-asset rotation by regime.

Idea: each risky asset is held by its own regime (Bull whole, Sideways half, Bear not at all); what is left goes to
defensive assets in equal parts, or stays in cash where there are none. Trainings are cached, batched and measured,
which changes no order.

Parameters: assets and defensive (tickers separated by commas; default SPY,QQQ,IWM and TLT,GLD,SHY), start and end
(yyyy-mm-dd), cash, n_states, lookback (trading days), retrain (never, daily, weekly, monthly, quarterly), invested, and the
shares in each regime: bull, sideways, bear, crisis.
Data: daily US equities.
What to expect: on the packaged stocks it trades about four times a month. Compare with holding the assets before you believe
in it.
"""

from AlgorithmImports import *

from hidden_regime.quantconnect.optimized_algorithm import HiddenRegimeAlgorithmOptimized


class OptimizedMultiAsset(HiddenRegimeAlgorithmOptimized):
    def initialize(self):
        start = self.get_parameter("start", "2006-01-03")
        end = self.get_parameter("end", "2020-12-31")
        self.set_start_date(*map(int, start.split("-")))
        self.set_end_date(*map(int, end.split("-")))
        self.set_cash(self.get_parameter("cash", 100000))
        self.risky = self.subscribe(self.get_parameter("assets", "SPY,QQQ,IWM"))
        self.defensive = self.subscribe(self.get_parameter("defensive", "TLT,GLD,SHY"))
        self.invested = self.get_parameter("invested", 0.98)
        self.shares = {
            "Bull": self.get_parameter("bull", 1.0),
            "Sideways": self.get_parameter("sideways", 0.5),
            "Bear": self.get_parameter("bear", 0.0),
            "Crisis": self.get_parameter("crisis", 0.0),
        }
        self.month = None
        self.changed = False

        self.enable_caching()
        self.enable_batch_updates()
        self.enable_profiling()
        for symbol in self.risky:
            self.initialize_regime_detection(
                symbol,
                n_states=self.get_parameter("n_states", 3),
                lookback_days=self.get_parameter("lookback", 252),
                retrain_frequency=self.get_parameter("retrain", "monthly"),
            )

    def share_of(self, symbol):
        """The share of an asset's regime; of a regime between those with a parameter the usual one."""
        signal = self.get_regime_signal(symbol)
        return self.shares.get(signal.regime_name, signal.allocation)

    def subscribe(self, tickers):
        return [self.add_equity(t.strip(), Resolution.DAILY).symbol for t in tickers.split(",") if t.strip()]

    def on_regime_change(self, old_regime, new_regime, confidence, ticker):
        self.changed = True
        self.log(f"{ticker}: {old_regime} -> {new_regime} ({confidence:.2f})")

    def on_data(self, data):
        """Rebalance when a regime has changed and at the first bar of a month."""
        month = (self.time.year, self.time.month)
        if self.is_warming_up or not data.bars.count or (not self.changed and month == self.month):
            return
        self.changed, self.month = False, month

        share = self.invested / len(self.risky)
        wishes = {s: share * self.share_of(s) if self.regime_is_ready(s) else 0.0 for s in self.risky}
        left = max(0.0, round(self.invested - sum(wishes.values()), 9))
        for symbol in self.defensive:
            wishes[symbol] = left / len(self.defensive)
        self.set_holdings([PortfolioTarget(s, w) for s, w in wishes.items() if self.securities[s].price > 0])

    def on_end_of_algorithm(self):
        self.log_performance_summary()
