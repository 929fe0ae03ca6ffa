"""Detectors with tapes answer what detectors without them do, whatever the tapes hold and whoever looks."""

from __future__ import annotations

import math
import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hidden_regime import Bar, RegimeDetector, load_dataset
from hidden_regime.bars.frames import frame_to_bars
from hidden_regime.detection.recorded import RecordedDetector, tape_key
from hidden_regime.detection.several import step_all
from hidden_regime.detection.tape import Tape
from hidden_regime.exceptions import RegimeWarning
from hidden_regime.models.training import train

BARS = [bar._replace(end_time=bar.end_time.replace(tzinfo=None)) for bar in frame_to_bars(load_dataset("sp500").iloc[:320])]
LATER = BARS[-1]._replace(end_time=BARS[-1].end_time.replace(year=2031))
OPTIONS = {"lookback": 60, "retrain": "weekly"}


class Held(dict):
    """Tapes in memory."""

    def put(self, key, tape):
        self[key] = tape


def answers(detector, bars, scaled=()):
    """State and moments after each bar; prices before some of them are corrected."""
    out = []
    for i, bar in enumerate(bars):
        if i in scaled:
            detector.rescale(0.5)
        out.append((detector.update(bar), detector.expected_moments))
    return out


def same(one, other):
    """Equal, NaN to NaN."""
    return repr(one) == repr(other)


def without(bars, at):
    """Bars with another close at a place, and later ones as they were."""
    bar = bars[at]
    return [*bars[:at], bar._replace(close=(bar.close + bar.low) / 2), *bars[at + 1 :]]


def test_what_was_recorded_is_played():
    tapes = Held()
    plain = answers(RegimeDetector(2, **OPTIONS), BARS)
    first, second = (RecordedDetector.recorded(tapes, n_states=2, **OPTIONS) for _ in range(2))
    assert same(answers(first, BARS), plain)
    assert not first.is_playing
    assert same(answers(second, BARS), plain)
    assert second.is_playing
    assert [state for state, _ in plain][-1] is not None


@settings(max_examples=25, deadline=None)
@given(
    other=st.none() | st.integers(0, 259),
    length=st.integers(1, 260),
    recorded=st.integers(1, 260),
    scaled=st.sets(st.integers(1, 259), max_size=3),
    scaled_too=st.booleans(),
    looks=st.sets(st.integers(0, 259), max_size=2),
)
def test_any_stream_is_answered_as_without_tapes(other, length, recorded, scaled, scaled_too, looks):
    tapes = Held()
    answers(RecordedDetector.recorded(tapes, n_states=2, **OPTIONS), BARS[:recorded], scaled)
    bars = (BARS[:260] if other is None else without(BARS[:260], other))[:length]
    now = scaled if scaled_too else ()
    plain, taped = RegimeDetector(2, **OPTIONS), RecordedDetector.recorded(tapes, n_states=2, **OPTIONS)
    for i, bar in enumerate(bars):
        for detector in (plain, taped):
            if i in now:
                detector.rescale(0.5)
        told = [(d.update(bar), d.expected_moments, d.latest_bar) for d in (plain, taped)]
        assert same(*told)
        if i in looks:
            assert same(*[(d.n_trainings, d.evidence_of_regimes, d.model and d.model.names) for d in (plain, taped)])
    assert same(*[d.to_dict() | {"class": ""} for d in (plain, taped)])


def test_who_looks_between_a_bar_and_its_answer_changes_nothing():
    tapes = Held()
    plain = answers(RegimeDetector(2, **OPTIONS), BARS)
    answers(RecordedDetector.recorded(tapes, n_states=2, **OPTIONS), BARS)
    taped = RecordedDetector.recorded(tapes, n_states=2, **OPTIONS)
    for i, bar in enumerate(BARS):
        offer = taped.offer(bar)
        if i in (0, 1, 100):
            assert taped.n_trainings >= 0
        assert same(step_all([taped], [offer])[0], plain[i][0])


def test_several_are_answered_in_one_step_whoever_has_a_tape():
    tapes = Held()
    answers(RecordedDetector.recorded(tapes, n_states=2, **OPTIONS), BARS[:200])
    some = [RegimeDetector(2, **OPTIONS), RecordedDetector.recorded(tapes, n_states=2, **OPTIONS), RegimeDetector(3, **OPTIONS)]
    alone = [RegimeDetector(n, **OPTIONS) for n in (2, 2, 3)]
    for bar in BARS:
        assert same(step_all(some, [d.offer(bar) for d in some]), [d.update(bar) for d in alone])


@pytest.mark.parametrize("use", [
    lambda d: d.set_schedule("daily"),
    lambda d: d.relabel([1, 0]),
    lambda d: d.extend(load_dataset("sp500").iloc[320:330]),
    lambda d: d.run(load_dataset("sp500").iloc[:200]),
    lambda d: d.adopt(train([task])[0] if (task := d.push(LATER)) is not None else None),
])  # fmt: skip
def test_what_no_tape_has_is_done_as_without(use):
    tapes, later = Held(), [bar._replace(end_time=bar.end_time.replace(year=bar.end_time.year + 40)) for bar in BARS[:30]]
    answers(RecordedDetector.recorded(tapes, n_states=2, **OPTIONS), BARS)
    some = [RegimeDetector(2, **OPTIONS), RecordedDetector.recorded(tapes, n_states=2, **OPTIONS)]
    for detector in some:
        answers(detector, BARS)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", RegimeWarning)
            use(detector)
    assert same(*[answers(detector, later) for detector in some])


def test_a_tape_survives_as_bytes():
    tapes = Held()
    answers(RecordedDetector.recorded(tapes, n_states=2, **OPTIONS), BARS, {100, 150})
    (key, tape), = tapes.items()  # fmt: skip
    again = Tape.from_bytes(tape.to_bytes())
    assert same((again.given, again.answers), (tape.given, tape.answers))
    tapes[key] = again
    taped = RecordedDetector.recorded(tapes, n_states=2, **OPTIONS)
    assert same(answers(taped, BARS, {100, 150}), answers(RegimeDetector(2, **OPTIONS), BARS, {100, 150}))
    assert taped.is_playing
    with pytest.raises(ValueError, match="not a tape"):
        Tape.from_bytes(tape.to_bytes()[:200])


def test_a_key_is_of_options_and_first_bar_and_of_no_function():
    bar = BARS[0]
    assert tape_key(RegimeDetector(2), bar) == tape_key(RegimeDetector(2), bar)
    others = [
        tape_key(RegimeDetector(3), bar), tape_key(RegimeDetector(2, memory=10), bar), tape_key(RegimeDetector(2), BARS[1]),
        tape_key(RegimeDetector(2), bar._replace(close=math.nextafter(bar.close, 0))),
    ]  # fmt: skip
    assert len({tape_key(RegimeDetector(2), bar), *others}) == 5
    assert tape_key(RegimeDetector(2, naming=lambda moments: ("A", "B")), bar) == ""


def test_bars_with_zones_and_columns_are_on_no_tape():
    tapes = Held()
    zoned = RecordedDetector.recorded(tapes, n_states=2, **OPTIONS)
    bars = list(frame_to_bars(load_dataset("sp500").tz_localize("UTC").iloc[:100]))
    assert same(answers(zoned, bars), answers(RegimeDetector(2, **OPTIONS), bars))
    assert not tapes
    wide = RecordedDetector.recorded(tapes, n_states=2, **OPTIONS)
    bars = [Bar(*bar).with_columns({"vix": 20.0}) for bar in BARS[:100]]
    assert same(answers(wide, bars), answers(RegimeDetector(2, **OPTIONS), bars))
    assert not tapes
