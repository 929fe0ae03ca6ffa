"""What a detector was given and what it answered, bar by bar: enough to answer again without reckoning."""

from __future__ import annotations

import io
import json
import math
import zipfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np

from hidden_regime.bars.bar import Bar
from hidden_regime.kernels.results import Floats, Integers
from hidden_regime.regimes.state import RegimeState, fixed_state

FORMAT = 1
"""Version of the layout; part of every key."""
EPOCH = datetime(1970, 1, 1)
MICROSECOND = timedelta(microseconds=1)
UNKNOWN = -1


class Answer(NamedTuple):
    """After a bar: the state, and mean and standard deviation of a bar's log return in it, NaN without one."""

    state: RegimeState | None
    moments: tuple[float, float]


NOTHING = Answer(None, (math.nan, math.nan))


@dataclass(slots=True, eq=False)
class Tape:
    """A detector's stream.

    Attributes
    ----------
    given : list of Bar or float
        Bars, and the factors of splits by which those before them were corrected, in the order in which they came.
    answers : list of Answer
        For each; of a factor the one before it.
    """

    given: list[Bar | float] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.given)

    def add(self, given: Bar | float, answer: Answer) -> None:
        """The next."""
        self.given.append(given)
        self.answers.append(answer)

    def to_bytes(self) -> bytes:
        """All of it as plain arrays: NumPy's own format, without pickles."""
        width = next((len(a.state.probabilities) for a in self.answers if a.state is not None), 0)
        numbers = np.full((len(self), 7 + 5 + width), math.nan)
        whole = np.full((len(self), 6), UNKNOWN, np.int64)  # end, trained_at, state, duration, changed, names
        names: dict[tuple[tuple[str, ...], str], int] = {}
        said: dict[str, tuple[str, str]] = {}
        for i, (given, (state, moments)) in enumerate(zip(self.given, self.answers, strict=True)):
            if isinstance(given, Bar):
                whole[i, 0] = _microseconds(given.end_time)
                numbers[i, :5] = given[1:]
            else:
                numbers[i, 5] = given
            if state is None:
                continue
            called = names.setdefault((state.names, state.regime), len(names))
            whole[i, 1:] = (_microseconds(state.trained_at), state.state, state.duration, state.changed, called)
            numbers[i, 7:12] = (state.confidence, state.expected_duration, state.log_likelihood, *moments)
            numbers[i, 12:] = state.probabilities
            numbers[i, 6] = _microseconds(state.time) if isinstance(given, float) else math.nan
            if state.error or state.notes:
                said[str(i)] = (state.error, state.notes)
        head = {"format": FORMAT, "names": list(names), "said": said}
        out = io.BytesIO()
        np.savez(out, numbers=numbers, whole=whole, head=np.frombuffer(json.dumps(head).encode(), np.uint8))
        return out.getvalue()

    @classmethod
    def from_bytes(cls, content: bytes) -> Tape:
        """What `to_bytes` gave.

        Raises
        ------
        ValueError
            Damaged, or of another layout.
        """
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as kept:
                numbers, whole = kept["numbers"], kept["whole"]
                head: dict[str, Any] = json.loads(kept["head"].tobytes().decode())
            if head["format"] != FORMAT or numbers.ndim != 2 or whole.shape != (len(numbers), 6):
                raise ValueError("another layout")
            return cls._read(numbers, whole, head)
        except (
            OSError,
            EOFError,
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
            OverflowError,
            zipfile.BadZipFile,
        ) as error:
            raise ValueError(f"not a tape of this version ({type(error).__name__}: {error})") from error

    @classmethod
    def _read(cls, numbers: Floats, whole: Integers, head: dict[str, Any]) -> Tape:
        names = [(tuple(called), regime) for called, regime in head["names"]]
        said = {int(i): texts for i, texts in head["said"].items()}
        out = cls()
        for i, (row, (end, trained, state, duration, changed, called)) in enumerate(
            zip(numbers.tolist(), whole.tolist(), strict=True)
        ):
            given: Bar | float = Bar(_moment(end), *row[:5]) if end != UNKNOWN else row[5]
            if called == UNKNOWN:
                out.add(given, NOTHING)
                continue
            time = given.end_time if isinstance(given, Bar) else _moment(int(row[6]))
            error, notes = said.get(i, ("", ""))
            all_names, regime = names[called]
            known = fixed_state(
                time, regime, state, tuple(row[12:]), all_names, row[7], duration, row[8], row[9], _moment(trained), changed > 0,
                error, notes)  # fmt: skip
            out.add(given, Answer(known, (row[10], row[11])))
        return out


def _microseconds(time: datetime) -> int:
    return (time - EPOCH) // MICROSECOND


def _moment(microseconds: int) -> datetime:
    return EPOCH + microseconds * MICROSECOND
