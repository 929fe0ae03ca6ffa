"""A detector that answers from a tape as long as its bars are those of the tape, and records what it has to find itself."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Protocol, Self

from hidden_regime import kernels
from hidden_regime.bars.bar import Bar
from hidden_regime.bars.objects import as_bar
from hidden_regime.bars.observer import Observer
from hidden_regime.detection.course import Course
from hidden_regime.detection.detector import RegimeDetector
from hidden_regime.detection.saved_options import options_out
from hidden_regime.detection.schedule import Frequency
from hidden_regime.detection.step import Offer, step_alone
from hidden_regime.detection.tape import FORMAT, NOTHING, Answer, Tape
from hidden_regime.regimes.state import RegimeState


class Tapes(Protocol):
    """Where tapes are kept."""

    def get(self, key: str) -> Tape | None:
        """The tape of a key, if there is one. Nobody changes it."""
        ...

    def put(self, key: str, tape: Tape) -> None:
        """Keep a tape instead of what there is under its key. It grows until the run ends."""
        ...


def tape_key(detector: RegimeDetector, first: Bar) -> str:
    """Digest of what a stream begins with: options, the kernels' version and arithmetic, the first bar. Empty for a detector
    with functions of the user's own, of which nobody knows what they do."""
    options = options_out(detector)
    if "function" in json.dumps(options) or any(isinstance(value, dict) for value in options.values()):
        return ""
    begins = {"tape": FORMAT, "kernels": kernels.VERSION, "arithmetic": kernels.arithmetic(), "options": options}
    times = [first.end_time.isoformat(), *map(repr, first[1:])]
    return hashlib.sha256(json.dumps(begins | {"first": times}).encode()).hexdigest()


class RecordedDetector(RegimeDetector):
    """A `RegimeDetector` with tapes of what detectors like it have answered before.

    It plays one as long as each bar is the tape's next, bit for bit; at the first that isn't, or when somebody looks at more
    than the state, it goes through the bars so far and on by itself. So its answers are those of a `RegimeDetector` whatever the
    tapes hold, but for a tape that was forged. `recorded` makes one.
    """

    tapes: Tapes | None = None
    _key = ""
    _place = 0
    _playing: Tape | None = None
    _recording: Tape | None = None
    _offered: Bar | None = None
    _latest: Bar | None = None
    _promised = False

    @classmethod
    def recorded(cls, tapes: Tapes, **options: Any) -> Self:
        """A detector with tapes, otherwise made as `RegimeDetector`."""
        made = cls(**options)
        made.tapes = tapes
        return made

    def clone(self, **changes: Any) -> Self:
        """A fresh detector with the same tapes and options, but for the changes."""
        made = super().clone(**changes)
        made.tapes = self.tapes
        return made

    # Playing --------------------------------------------------------------------------------------------------------------
    @property
    def tape(self) -> RecordedDetector | None:
        """Itself, where its next answer is played or recorded."""
        return self if self._playing is not None or self._recording is not None else None

    @property
    def is_playing(self) -> bool:  # type: ignore[override]
        """Whether its answers come from a tape."""
        return self._playing is not None

    def offer(self, bar: Any) -> Offer:
        """What a bar is to the steps; the tape's own bar is known to it already."""
        if not isinstance(bar, Bar):
            bar = as_bar(bar, self._watcher.columns)
        if self.tapes is not None and not self._key:
            self._begin(bar)
        playing = self._playing
        if playing is not None:
            if self._place < len(playing.given) and _is_same(playing.given[self._place], bar):
                self._offered, self._promised = bar, True
                return Offer(bar.end_time, None)
            self._wake()
        elif self._offered is not None:  # the bar before was answered by halves, and isn't on the tape
            self._stop()
        found = super().offer(bar)
        self._offered = bar
        return found

    def _begin(self, bar: Bar) -> None:
        plain = not bar.columns and bar.end_time.tzinfo is None
        self._key = tape_key(self, bar) if plain else ""
        tapes = self.tapes
        if not self._key or tapes is None:
            self.tapes = None
            return
        self._playing = tapes.get(self._key)
        if self._playing is None:
            self._recording = Tape()
            tapes.put(self._key, self._recording)

    def play(self) -> RegimeState | None:
        """The tape's answer to the bar that was offered."""
        assert self._playing is not None
        self._latest, self._offered, self._promised = self._offered, None, False
        answer = self._playing.answers[self._place]
        self._place += 1
        return answer.state

    def again(self, offer: Offer) -> Offer:
        """A bar that was offered to a tape which isn't played any more, as it is to the steps."""
        promised, self._promised = self._promised, False
        return super().offer(self._offered) if promised else offer

    def record(self, state: RegimeState | None) -> None:
        """Keep the answer to the bar that was offered."""
        bar, self._offered = self._offered, None
        if self._recording is None or bar is None:
            return
        if bar.columns or bar.end_time.tzinfo is not None:
            self._stop()
            return
        self._recording.add(bar, NOTHING if state is None else Answer(state, super().expected_moments))

    def _wake(self) -> None:
        """Go through the bars that were played, and record from there on."""
        playing, self._playing = self._playing, None
        if playing is None:
            return
        tape = Tape(playing.given[: self._place], playing.answers[: self._place])
        for given in tape.given:
            if isinstance(given, Bar):
                step_alone(self._course, super().offer(given))
                if self._course.look is not None:
                    self.mend()
            else:
                super().rescale(given)
        self._recording = tape
        if self.tapes is not None:
            self.tapes.put(self._key, tape)

    def _stop(self) -> None:
        """Go on as a detector without tapes."""
        self._wake()
        self._recording = self.tapes = self._offered = None

    # What is known --------------------------------------------------------------------------------------------------------
    @property
    def course_as_is(self) -> Course:
        """All that it knows."""
        self._wake()
        return self._course

    @course_as_is.setter
    def course_as_is(self, course: Course) -> None:
        self._course = course

    @property
    def _observer(self) -> Observer:
        self._wake()
        return self._watcher

    @_observer.setter
    def _observer(self, observer: Observer) -> None:
        self._watcher = observer

    def _answer(self) -> Answer:
        assert self._playing is not None
        return self._playing.answers[self._place - 1] if self._place else NOTHING

    @property
    def state(self) -> RegimeState | None:
        """After the latest bar; None before the first training."""
        return super().state if self._playing is None else self._answer().state

    @property
    def expected_moments(self) -> tuple[float, float]:
        """Mean and standard deviation of a bar's log return in the state of now."""
        return super().expected_moments if self._playing is None else self._answer().moments

    @property
    def latest_bar(self) -> Bar | None:
        """The latest bar taken, in the prices of now."""
        return super().latest_bar if self._playing is None else self._latest

    # What comes -----------------------------------------------------------------------------------------------------------
    def update(self, bar: Any) -> RegimeState | None:
        """Take the next bar; train if the schedule says so."""
        if self.tapes is None:
            return super().update(bar)
        from hidden_regime.detection.several import step_all

        with self._turn:
            return step_all([self], [self.offer(bar)])[0]

    def rescale(self, factor: float) -> None:
        """Correct the bars kept for a split."""
        playing = self._playing
        if playing is not None:
            if self._place < len(playing) and playing.given[self._place] == factor and self._latest is not None:
                self._place += 1
                t, o, h, low, c, v = self._latest
                self._latest = Bar(t, o * factor, h * factor, low * factor, c * factor, v / factor)
                return
            self._wake()
        super().rescale(factor)
        if self._recording is not None:
            self._recording.add(float(factor), self._recording.answers[-1] if len(self._recording) else NOTHING)

    def set_schedule(self, retrain: Frequency) -> None:
        """Retrain by another schedule from now on."""
        if self._key:
            self._stop()
        super().set_schedule(retrain)

    def reset(self) -> None:
        """Forget every bar and model."""
        self._key, self._place, self._playing, self._recording, self._offered = "", 0, None, None, None
        super().reset()

    def resume(self, *args: Any, **keywords: Any) -> None:
        """Go on from where a detector with equal options stood."""
        self._stop()
        super().resume(*args, **keywords)

    def relabel(self, order: Any) -> Self:
        """Put the states in another order."""
        self._stop()
        return super().relabel(order)

    def run(self, frame: Any) -> Any:
        """Regimes of every bar of a frame, which are found at once and by no tape."""
        self._stop()
        return super().run(frame)

    def extend(self, frame: Any) -> Any:
        """Regimes of further bars."""
        self._stop()
        return super().extend(frame)


def _is_same(known: Bar | float, bar: Bar) -> bool:
    """Whether a bar is the one that is known, bit for bit but for signs of zero and NaN. One with further columns never is."""
    if known == bar:
        return type(bar) is Bar
    if type(bar) is not Bar or not isinstance(known, Bar) or known[:5] != bar[:5]:
        return False
    return known.volume != known.volume and bar.volume != bar.volume
