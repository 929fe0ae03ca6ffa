"""A trial's outcome comes back from its bytes, or is run again."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from hidden_regime.experiments.trials import outcome as module
from hidden_regime.experiments.trials.outcome import COMPLETE, FAILED, IDLE, Outcome, failed

TEXTS = {"Sharpe Ratio": "-0.1", "Net Profit": "3.200%", "Total Orders": "2"}


def made(equity=(100.0, 101.0, 99.5), **said):
    days = np.arange("2010-01-04", np.datetime64("2010-01-04") + len(equity), dtype="datetime64[D]")
    return Outcome(**{"status": COMPLETE, "texts": TEXTS, "days": days, "equity": np.array(equity)} | said)


def same(one, other):
    assert other is not None
    assert (one.status, one.texts, one.error, one.further) == (other.status, other.texts, other.error, other.further)
    assert one.days.dtype == other.days.dtype == np.dtype("datetime64[D]")
    np.testing.assert_array_equal(one.days, other.days)
    assert one.equity.tobytes() == other.equity.tobytes()


@given(
    equity=arrays(np.float64, st.integers(0, 5)), status=st.sampled_from([COMPLETE, IDLE, FAILED]), error=st.text(),
    texts=st.dictionaries(st.text(), st.text(), max_size=3), further=st.dictionaries(st.text(), st.text(), max_size=2),
)  # fmt: skip
def test_bytes_hold_all_of_it(equity, status, error, texts, further):
    one = made(equity, status=status, error=error, texts=texts, further=further)
    same(one, Outcome.from_bytes(one.to_bytes()))


def test_equal_outcomes_have_equal_bytes():
    assert made().to_bytes() == made().to_bytes() != made((100.0, 101.0, 99.0)).to_bytes()


def test_returns_are_those_of_all_days_but_the_first():
    np.testing.assert_allclose(made().returns, [0.01, 99.5 / 101 - 1], rtol=1e-15)
    assert made((100.0,)).returns.shape == failed("x").returns.shape == (0,)
    same(failed("why"), Outcome.from_bytes(failed("why").to_bytes()))


def test_what_is_cut_off_is_run_again():
    content = made().to_bytes()
    assert all(Outcome.from_bytes(content[:n]) is None for n in range(len(content)))


def test_what_is_damaged_is_run_again_or_read_as_it_was():
    content = made().to_bytes()
    rng = np.random.default_rng(0)
    unread = 0
    for place in range(len(content)):
        damaged = bytearray(content)
        damaged[place] ^= int(rng.integers(1, 256))
        found = Outcome.from_bytes(bytes(damaged))
        if found is None:
            unread += 1
        else:  # what zip files say twice, or nobody reads
            same(made(), found)
    assert unread > 0.7 * len(content)


@pytest.mark.parametrize("content", [b"", b"x", b"PK\x03\x04", b"\x93NUMPY", b"{}", b"\0" * 1000])
def test_what_is_no_outcome_is_none(content):
    assert Outcome.from_bytes(content) is None


@pytest.mark.parametrize(
    "head", [[], "x", 3, None, {}, {"format": 2}, {"format": 2, "status": "complete", "texts": {}, "more": 1}]
)
def test_another_head_is_none(head):
    out = io.BytesIO()
    np.savez(
        out, days=np.arange(2), equity=np.ones(2), benchmark=np.ones(2), head=np.frombuffer(json.dumps(head).encode(), np.uint8)
    )
    assert Outcome.from_bytes(out.getvalue()) is None


def test_another_format_or_shape_is_none(monkeypatch):
    good = made()
    assert Outcome.from_bytes(made(days=good.days[:2]).to_bytes()) is None
    content = good.to_bytes()
    monkeypatch.setattr(module, "FORMAT", 99)
    assert Outcome.from_bytes(content) is None
