"""What to hold in a regime."""

from hidden_regime.signals.signal import SignalDirection, SignalStrength, TradingSignal, check_allocations, make_signal

__all__ = ["SignalDirection", "SignalStrength", "TradingSignal", "check_allocations", "make_signal"]
