"""Densities of a state's observations. Each is one object in a file of its own, and a line of `EMISSIONS`.

Whoever needs to know which density it is asks `Parameters.density`, `Task.density`, or this table by name.
"""

from __future__ import annotations

from hidden_regime.exceptions import ParameterError
from hidden_regime.models.emissions.base import Emission, Shape
from hidden_regime.models.emissions.gaussian import Gaussian
from hidden_regime.models.emissions.student_t import StudentT

__all__ = ["EMISSIONS", "Emission", "Shape", "emission_named"]

EMISSIONS: dict[str, Emission] = {
    "gaussian": Gaussian(),
    "student_t": StudentT(),
}
"""Every density by its name, as `RegimeDetector(emission=...)` and `Task.emission` know it."""


def emission_named(name: object) -> Emission:
    """The density of a name.

    Raises
    ------
    ParameterError
        There is none of this name.
    """
    if not isinstance(name, str) or name not in EMISSIONS:
        raise ParameterError("emission", name, " or ".join(map(repr, EMISSIONS)))
    return EMISSIONS[name]
