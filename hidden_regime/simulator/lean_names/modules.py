"""Modules that strategies import by name in LEAN: namespaces of .NET's and LEAN's, and LEAN's models that are Python files."""

from __future__ import annotations

NAMESPACES = frozenset(
    f"QuantConnect.{name}".rstrip(".") for name in ("", *"""
Algorithm Algorithm.Framework Algorithm.Framework.Alphas Algorithm.Framework.Alphas.Analysis
Algorithm.Framework.Alphas.Serialization Algorithm.Framework.Execution Algorithm.Framework.Portfolio
Algorithm.Framework.Portfolio.SignalExports Algorithm.Framework.Risk Algorithm.Framework.Selection Algorithm.Selection Api
Benchmarks Brokerages Brokerages.Backtesting Brokerages.Paper Commands Configuration Data Data.Auxiliary Data.Consolidators
Data.Custom Data.Custom.AlphaStreams Data.Custom.IconicTypes Data.Custom.Intrinio Data.Custom.Tiingo Data.Fundamental
Data.Market Data.Shortable Data.UniverseSelection DataSource Exceptions Indicators Indicators.CandlestickPatterns Interfaces
Lean Lean.Engine Lean.Engine.DataFeeds Lean.Engine.DataFeeds.Enumerators Lean.Engine.HistoricalData Lean.Engine.RealTime
Lean.Engine.Results Lean.Engine.Setup Lean.Engine.Storage Lean.Engine.TransactionHandlers Logging Notifications Optimizer
Optimizer.Objectives Optimizer.Parameters Orders Orders.Fees Orders.Fills Orders.OptionExercise Orders.Serialization
Orders.Slippage Orders.TimeInForces Packets Parameters Python Research Scheduling Securities Securities.Cfd Securities.Crypto
Securities.CryptoFuture Securities.CurrencyConversion Securities.Equity Securities.Forex Securities.Future
Securities.FutureOption Securities.Index Securities.IndexOption Securities.Interfaces Securities.Option
Securities.Option.StrategyMatcher Securities.Positions Securities.Volatility Statistics Storage Util Util.RateLimit
""".split())
)  # fmt: skip
DOTNET = frozenset({
    "System", "System.Collections", "System.Collections.Generic", "System.Collections.Concurrent", "System.Drawing",
    "System.Globalization", "System.IO", "System.Linq", "System.Text", "System.Threading",
})  # fmt: skip
PACKAGES = frozenset({"MathNet", "MathNet.Numerics", "Newtonsoft", "Newtonsoft.Json", "Newtonsoft.Json.Linq", "NodaTime"})
"""Packages of .NET's that LEAN brings along: the engine has none of their classes."""
FRAMEWORK = {
    "Alphas": """BasePairsTradingAlphaModel ConstantAlphaModel EmaCrossAlphaModel HistoricalReturnsAlphaModel MacdAlphaModel
        NullAlphaModel PearsonCorrelationPairsTradingAlphaModel RsiAlphaModel""",
    "Execution": """ImmediateExecutionModel NullExecutionModel SpreadExecutionModel StandardDeviationExecutionModel
        VolumeWeightedAveragePriceExecutionModel""",
    "Portfolio": """AccumulativeInsightPortfolioConstructionModel BlackLittermanOptimizationPortfolioConstructionModel
        ConfidenceWeightedPortfolioConstructionModel EqualWeightingPortfolioConstructionModel
        InsightWeightingPortfolioConstructionModel MaximumSharpeRatioPortfolioOptimizer
        MeanReversionPortfolioConstructionModel MeanVarianceOptimizationPortfolioConstructionModel
        MinimumVariancePortfolioOptimizer NullPortfolioConstructionModel RiskParityPortfolioConstructionModel
        RiskParityPortfolioOptimizer SectorWeightingPortfolioConstructionModel UnconstrainedMeanVariancePortfolioOptimizer""",
    "Risk": """CompositeRiskManagementModel MaximumDrawdownPercentPerSecurity MaximumDrawdownPercentPortfolio
        MaximumSectorExposureRiskManagementModel MaximumUnrealizedProfitPercentPerSecurity NullRiskManagementModel
        TrailingStopRiskManagementModel""",
    "Selection": """EmaCrossUniverseSelectionModel ETFConstituentsUniverseSelectionModel FundamentalUniverseSelectionModel
        FutureUniverseSelectionModel ManualUniverseSelectionModel OptionUniverseSelectionModel QC500UniverseSelectionModel
        UniverseSelectionModel""",
    "Orders.Slippage": "VolumeShareSlippageModel",
}
"""By folder: the files, each named after the class in it."""
MODEL_FILES = frozenset(f"{folder}.{name}" for folder, names in FRAMEWORK.items() for name in names.split())
FOLDERS = frozenset({*FRAMEWORK, "Orders"})
MODEL_CLASSES = frozenset(name for names in FRAMEWORK.values() for name in names.split())
