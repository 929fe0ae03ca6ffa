"""Trading signals and shares of a portfolio."""

from __future__ import annotations

from hidden_regime import RegimeDetector, load_dataset
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.signals.signal import TradingSignal, check_allocations, make_signal
from hidden_regime.signals.weights import WEIGHTINGS, weigh
from tests.golden.detectors import states_of
from tests.golden.markets import drawn

WISHES = {
    "default": (3, None, 0.0),
    "cautious": (3, {"Bear": -0.5, "Sideways": 0.3, "Bull": 1.2}, 0.75),
    "four": (4, None, 0.9),
}
"""Number of regimes, allocations and least confidence by name."""


def fields_of(signal: TradingSignal) -> dict[str, object]:
    """All that a signal says, in columns."""
    said = signal.metadata
    return {
        "direction": signal.direction.name,
        "strength": signal.strength.name,
        "allocation": signal.allocation,
        "confidence": signal.confidence,
        "regime_name": signal.regime_name,
        "regime_state": signal.regime_state,
        "timestamp": str(signal.timestamp),
        "duration": said["duration"],
        "expected_duration": said["expected_duration"],
        "trained_at": str(said["trained_at"]),
        "suppressed": said.get("suppressed", ""),
        "others": " ".join(sorted(set(said) - {"duration", "expected_duration", "trained_at", "suppressed"})),
    }


def signal_rows() -> list[dict[str, object]]:
    """A signal for each state of a detector, under several wishes."""
    out: list[dict[str, object]] = []
    prices = load_dataset("sp500").iloc[2000:2500]
    for name, (n_states, wish, least) in WISHES.items():
        allocations = check_allocations(wish, n_states)
        for state in states_of({"n_states": n_states, "lookback": 200}, prices):
            signal = make_signal(state, allocations, least, {"asset": "SP500"})
            out.append({"signal": f"{name} {state.time:%Y-%m-%d}", **fields_of(signal)})
    return out


def weight_rows() -> list[dict[str, object]]:
    """Shares of three assets on each day, by every method."""
    tickers = ("SYN_MARKET", "SYN_GROWTH", "SYN_BONDS")
    detectors = {ticker: RegimeDetector(lookback=120) for ticker in tickers}
    bars = {ticker: list(frame_to_bars(drawn(ticker, 260))) for ticker in tickers}
    out: list[dict[str, object]] = []
    for day in zip(*bars.values(), strict=True):
        states = {ticker: detectors[ticker].update(bar) for ticker, bar in zip(tickers, day, strict=True)}
        signals = {t: make_signal(s, check_allocations(None, 3), 0.6) for t, s in states.items() if s is not None}
        if len(signals) < len(tickers):
            continue
        volatilities = {ticker: detectors[ticker].expected_moments[1] for ticker in tickers}
        for method in WEIGHTINGS:
            shares = weigh(signals, method, volatilities)
            out.append({"weights": f"{day[0].end_time:%Y-%m-%d} {method}", **shares})
    return out
