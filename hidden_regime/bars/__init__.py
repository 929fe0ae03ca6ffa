"""Bars: one at a time, as frames, from whatever LEAN and pandas give; and what a model sees of them."""

from hidden_regime.bars.bar import Bar, BarWindow

__all__ = ["Bar", "BarWindow"]
