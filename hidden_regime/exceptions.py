"""Every error and warning that the package raises, under one root.

LEAN shows a user neither the type of an exception nor its cause, so each message stands alone: it begins with the
package's name and says which parameter, what came, what was expected and what to do.
"""

from __future__ import annotations

import sys
from typing import Any

PREFIX = "hidden_regime: "


def _again(kind: type[RegimeError], args: tuple[Any, ...], state: dict[str, Any]) -> RegimeError:
    error = kind.__new__(kind, *args)
    error.args = args
    error.__dict__.update(state)
    return error


def _shown(value: object, longest: int = 200) -> str:
    """A value for a message: whole data are told by their type and shape."""
    text, shape = repr(value), getattr(value, "shape", None)
    if len(text) <= longest and "\n" not in text and not (shape and max(shape) > 10):
        return text
    size = f" of shape {shape}" if shape is not None else f" of {len(value)}" if hasattr(value, "__len__") else ""
    return f"a {type(value).__name__}{size}"


class RegimeError(Exception):
    """Root of all errors of the package."""

    def __init__(self, message: str) -> None:
        super().__init__(message if message.startswith(PREFIX) else PREFIX + message)

    def __reduce__(self) -> tuple[Any, ...]:
        """So that an error comes home from another process, whatever its class needs to be made."""
        return _again, (type(self), self.args, self.__dict__)

    @property
    def text(self) -> str:
        """The message without the package's name, for places that say it already."""
        return str(self).removeprefix(PREFIX)


class ParameterError(RegimeError, ValueError):
    """A parameter has a value that it can't have.

    Parameters
    ----------
    parameter : str
        Name of the parameter.
    received : object
        What came.
    expected : str
        What would have been right.
    remedy : str, optional
        What to do.
    """

    def __init__(self, parameter: str, received: object, expected: str, remedy: str = "") -> None:
        self.parameter = parameter
        self.received = received
        self.expected = expected
        self.remedy = remedy
        message = f"{parameter} = {_shown(received)}: expected {expected}."
        super().__init__(f"{message} {remedy}".rstrip())


class RegimeNameError(ParameterError):
    """A regime's name that this number of states can't produce, or one that is missing."""


class NotFittedError(RegimeError, ValueError, AttributeError):
    """A model was asked for something that only a fitted model has."""


def not_fitted(message: str) -> NotFittedError:
    """The error, which scikit-learn's tools know for theirs where that is loaded; it is no dependency."""
    theirs = getattr(sys.modules.get("sklearn.exceptions"), "NotFittedError", None)
    if theirs is None:
        return NotFittedError(message)
    error: NotFittedError = type("NotFittedError", (NotFittedError, theirs), {"__reduce__": _as_plain})(message)
    return error


def _as_plain(error: RegimeError) -> tuple[Any, ...]:
    return _again, (NotFittedError, error.args, error.__dict__)


class SavedModelError(RegimeError, ValueError):
    """A saved model that is damaged, of another class, or newer than this version can read."""


class ObjectStoreError(RegimeError):
    """A key that the object store can't take, or doesn't have."""


class CausalityError(RegimeError, AssertionError):
    """A value that depends on a later bar."""


class ConformanceError(RegimeError, AssertionError):
    """A part of one's own that doesn't do what the package relies on."""


class MissingDependencyError(RegimeError, ImportError):
    """A package that this feature needs isn't installed."""


class FeatureError(RegimeError, ValueError):
    """A feature of one's own that gives no number for a bar."""


class DataError(RegimeError, ValueError):
    """Data that can't be used as they are."""


class UnknownDataError(DataError, LookupError):
    """No data set, folder or file of that name."""


class UnknownAssetError(UnknownDataError, KeyError):
    """An asset that isn't among those of a result, or that has none."""

    __str__ = Exception.__str__  # a KeyError would show the message in quotation marks


class MissingColumnError(DataError):
    """A table lacks a column that is needed, such as a price."""


class UnsortedDataError(DataError):
    """Dates that don't rise."""


class DuplicateDateError(DataError):
    """The same date twice in one series."""


class MissingValueError(DataError):
    """A gap (NaN) in a price series."""


class NonNumericError(DataError):
    """Text where a number was expected."""


class NotNumbersError(NonNumericError, TypeError):
    """Something among a model's observations that is no number."""


class InvalidPriceError(DataError):
    """A price that no market can quote: zero, negative, infinite, or a high below its low."""


class EmptyRangeError(DataError):
    """No data between the start and the end that were asked for."""


class NoDataError(DataError):
    """An asset without data in the range."""


class TrainingError(RegimeError, ValueError):
    """A window from which no model can be trained."""


class WindowTooShortError(TrainingError):
    """Fewer observations than the model needs."""


class ConstantDataError(TrainingError):
    """Observations that don't vary: there is nothing to tell regimes apart by. `feature` is the column's place."""

    def __init__(self, message: str, feature: int = 0) -> None:
        self.feature = feature
        super().__init__(message)


class StrategyError(RegimeError):
    """A strategy file that can't be run."""


class UnknownStrategyError(StrategyError, LookupError):
    """Neither a shipped template nor a file."""


class NoAlgorithmError(StrategyError):
    """A strategy file without a class that derives from QCAlgorithm."""


class StudyError(RegimeError):
    """A study that can't go on: its folder holds another one, is in use, or is damaged."""


class UnsupportedError(StrategyError, AttributeError):
    """A member that real LEAN has and the embedded engine hasn't."""


class RegimeWarning(UserWarning):
    """Root of all warnings of the package."""


class ConvergenceWarning(RegimeWarning):
    """Training stopped at its limit of iterations before the likelihood settled."""


class NoEvidenceWarning(RegimeWarning):
    """The data say nothing of some fitted numbers, for which a convention stands."""


class StartsOverWarning(RegimeWarning):
    """A detector that knew something was run from scratch."""


class NoRegimesWarning(RegimeWarning):
    """Nothing in a history that one volatility which moves wouldn't explain as well as regimes."""


class UnadjustedPricesWarning(RegimeWarning):
    """Prices fall or rise at a split, which adjusted closes beside them don't."""


class SuspectPriceWarning(RegimeWarning):
    """A bar whose prices are far from those before and after it."""


class SeveralAlgorithmsWarning(RegimeWarning):
    """A strategy file with more than one algorithm class: the alphabetically last one runs, as in LEAN."""


class UnusedParameterWarning(RegimeWarning):
    """A parameter was passed that the strategy never read."""


class ParallelWarning(RegimeWarning):
    """Work that should have gone to other processes or machines is done in threads here."""


class CacheWarning(RegimeWarning):
    """An entry of the cache could not be used; it counts as a miss."""
