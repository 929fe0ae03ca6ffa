"""A strategy and what it needs of this package, as a project for QuantConnect Cloud."""

from hidden_regime.bundle.pins import PINS, differing, pinned_python
from hidden_regime.bundle.proof import Proof, prove
from hidden_regime.bundle.writing import Bundle, write_bundle

__all__ = ["PINS", "Bundle", "Proof", "differing", "pinned_python", "prove", "write_bundle"]
