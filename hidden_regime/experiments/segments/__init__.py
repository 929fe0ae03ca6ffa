"""What a strategy earned in each regime, era or year, and whether they can be told apart."""

from hidden_regime.experiments.segments.eras import Era, read_eras
from hidden_regime.experiments.segments.folder import read_segments
from hidden_regime.experiments.segments.part import Difference, Figures, Part
from hidden_regime.experiments.segments.segmenting import segment
from hidden_regime.experiments.segments.segments import Segments

__all__ = [
    "Difference",
    "Era",
    "Figures",
    "Part",
    "Segments",
    "read_eras",
    "read_segments",
    "segment",
]
