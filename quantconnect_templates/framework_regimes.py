"""Framework: regimes as an alpha model, equal weights, and risk by the market's regime.

Idea: the parts of LEAN's algorithm framework. The alpha model emits an insight for each asset by its own regime; portfolio
construction shares equally among those that rise; the risk model scales everything by the regime of the first asset;
orders are executed at once.

Parameters: assets (tickers separated by commas; default SPY,QQQ,IWM), start and end (yyyy-mm-dd), cash, n_states, lookback
(trading days), retrain, confidence (least that is believed), days (trading days that an insight holds), bear (scale in Bear).
Data: daily US equities.
What to expect: positions follow insights with LEAN's own rules of construction: they are trimmed at each rebalancing, so
there are many small orders, on the packaged stocks 302 a year.
"""

from AlgorithmImports import *

from hidden_regime.quantconnect import HiddenRegimeAlphaModel, RegimeRiskManagementModel


class FrameworkRegimes(QCAlgorithm):
    def initialize(self):
        self.set_start_date(*map(int, self.get_parameter("start", "2006-01-03").split("-")))
        self.set_end_date(*map(int, self.get_parameter("end", "2020-12-31").split("-")))
        self.set_cash(self.get_parameter("cash", 100000))
        tickers = [t.strip() for t in self.get_parameter("assets", "SPY,QQQ,IWM").split(",") if t.strip()]
        self.universe_settings.resolution = Resolution.DAILY
        symbols = [Symbol.create(ticker, SecurityType.EQUITY, Market.USA) for ticker in tickers]
        self.set_universe_selection(ManualUniverseSelectionModel(symbols))

        options = {
            "n_states": self.get_parameter("n_states", 3),
            "lookback_days": self.get_parameter("lookback", 252),
            "retrain_frequency": self.get_parameter("retrain", "monthly"),
        }
        self.set_alpha(
            HiddenRegimeAlphaModel(
                confidence_threshold=self.get_parameter("confidence", 0.6),
                insight_period_days=self.get_parameter("days", 7),
                long_only=True,
                **options,
            )
        )
        self.set_portfolio_construction(EqualWeightingPortfolioConstructionModel())
        scales = {"Bear": self.get_parameter("bear", 0.5), "Sideways": 0.75, "Bull": 1.0}
        self.set_risk_management(
            RegimeRiskManagementModel(scales if options["n_states"] == 3 else None, market=tickers[0], **options)
        )
        self.set_execution(ImmediateExecutionModel())
