"""How much of a portfolio each asset gets, from the signals of all."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hidden_regime.exceptions import ParameterError
from hidden_regime.signals.signal import TradingSignal

Volatilities = Mapping[str, float] | None


def _equal(signals: Mapping[str, TradingSignal], _: Volatilities) -> dict[str, float]:
    return dict.fromkeys(signals, 1.0)


def _confidence(signals: Mapping[str, TradingSignal], _: Volatilities) -> dict[str, float]:
    return {ticker: signal.confidence for ticker, signal in signals.items()}


def _score(signals: Mapping[str, TradingSignal], _: Volatilities) -> dict[str, float]:
    return {ticker: max(signal.confidence * signal.allocation, 0.0) for ticker, signal in signals.items()}


def _inverse_volatility(signals: Mapping[str, TradingSignal], volatilities: Volatilities) -> dict[str, float]:
    out = {}
    for ticker, signal in signals.items():
        found = (volatilities or {}).get(ticker, signal.metadata.get("expected_volatility"))
        if found is None or not 0.0 < float(found) < float("inf"):
            raise ParameterError(
                f"volatilities[{ticker!r}]", found, "a volatility above 0",
                "Give volatilities, or signals whose metadata has expected_volatility.")  # fmt: skip
        out[ticker] = 1.0 / float(found)
    return out


WEIGHTINGS: dict[str, Callable[[Mapping[str, TradingSignal], Volatilities], dict[str, float]]] = {
    "equal_weight": _equal,
    "confidence": _confidence,
    "regime_score": _score,
    "risk_parity": _inverse_volatility,
}


def weigh(
    signals: Mapping[str, TradingSignal], method: str = "equal_weight", volatilities: Volatilities = None
) -> dict[str, float]:
    """Shares that add up to 1, or to 0 where nothing has any weight. A signal below its `min_confidence` has none.

    Parameters
    ----------
    signals : mapping of ticker to TradingSignal
    method : str
        "equal_weight"; "confidence": in proportion to it; "regime_score": to confidence times allocation; "risk_parity": to
        the inverse of the volatility, so that uncorrelated assets carry equal risk.
    volatilities : mapping of ticker to float, optional
        For "risk_parity"; default: `expected_volatility` in the signals' metadata.

    Examples
    --------
    >>> from hidden_regime.signals.weights import weigh
    >>> weigh({}, "risk_parity")
    {}
    """
    if method not in WEIGHTINGS:
        raise ParameterError("method", method, f"one of {list(WEIGHTINGS)}")
    believed = {ticker: signal for ticker, signal in signals.items() if not signal.metadata.get("suppressed")}
    scores = WEIGHTINGS[method](believed, volatilities)
    total = sum(scores.values())
    return {ticker: scores.get(ticker, 0.0) / total if total > 0.0 else 0.0 for ticker in signals}
