"""Names of LEAN's, so that a strategy that uses what only LEAN has is told so."""

from hidden_regime.simulator.lean_names import classes_1, classes_2, classes_3
from hidden_regime.simulator.lean_names.members import QC_MEMBERS

QC_CLASSES = classes_1.NAMES | classes_2.NAMES | classes_3.NAMES

__all__ = ["QC_CLASSES", "QC_MEMBERS"]
