"""Former address of `hidden_regime.bars.frames`, for code that names it."""

from hidden_regime.bars.frames import frame_to_bars

__all__ = ["frame_to_bars"]
