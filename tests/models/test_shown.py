"""What a notebook shows of a model, and what it draws from one."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from hidden_regime import GaussianHMM, JumpModel, RegimeDetector, StudentTHMM, load_dataset
from hidden_regime.exceptions import ParameterError


def shown(html):
    heads = re.findall(r"<th>(.*?)</th>", html)
    rows = [re.findall(r"<t[hd] style[^>]*>(.*?)</t[hd]>", row) for row in re.findall(r"<tr>(.*?)</tr>", html)[1:]]
    first, *others = zip(*rows, strict=True)
    return pd.DataFrame({heads[0]: first} | {h: [float(v) for v in o] for h, o in zip(heads[1:], others, strict=True)})


def test_the_sd_of_a_student_t_is_a_standard_deviation():
    z = np.random.default_rng(0).standard_t(3, size=(2000, 1))
    model = StudentTHMM(1).fit(z)
    table = shown(model._repr_html_())
    assert table.loc[0, "sd 0"] == pytest.approx(float(model.forecast(z).variance[0, 0]) ** 0.5, rel=1e-3)
    assert table.loc[0, "degrees of freedom"] == pytest.approx(float(model.degrees_[0]), rel=1e-3)
    assert "degrees of freedom" not in shown(GaussianHMM(1).fit(z)._repr_html_())


def test_a_detector_shows_what_it_expects():
    detector = RegimeDetector(2, lookback=120, emission="student_t", retrain="never")
    detector.run(load_dataset("sp500").iloc[-200:])
    table = shown(detector.model.to_html(("log_return", "log_range"))).set_index("regime")
    mean, sd = detector.expected_moments
    row = table.loc[detector.state.regime]
    assert (row["mean log_return"], row["sd log_return"]) == pytest.approx((mean, sd), rel=1e-3)
    assert row["degrees of freedom"] == pytest.approx(float(detector.model.parameters.degrees[detector.state.state]), rel=1e-3)


def test_features_are_called_by_their_names():
    frame = pd.DataFrame({"ret": np.random.default_rng(0).normal(0, 1, 100)})
    assert {"mean ret", "sd ret"} <= set(shown(GaussianHMM(1).fit(frame)._repr_html_()).columns)


@pytest.mark.parametrize("kind", [GaussianHMM, StudentTHMM, JumpModel])
def test_samples_are_others_at_each_call_unless_seeded(kind):
    x = np.concatenate([np.random.default_rng(0).normal(0, 1, 60), np.random.default_rng(1).normal(8, 1, 60)])[:, None]
    model = kind(2).fit(x)
    assert not np.array_equal(model.sample(5)[0], model.sample(5)[0])
    np.testing.assert_array_equal(model.sample(5, random_state=3)[0], model.sample(5, random_state=3)[0])


def test_a_sample_goes_on_from_a_state():
    x = np.concatenate([np.random.default_rng(0).normal(0, 1, 300), np.random.default_rng(1).normal(8, 1, 300)])[:, None]
    model = GaussianHMM(2).fit(x)
    rng = np.random.default_rng(0)
    for state in (0, 1):
        first = [int(model.sample(1, rng, state=state)[1][0]) for _ in range(50)]
        assert np.mean(np.array(first) == state) > 0.9
    with pytest.raises(ParameterError, match="state = 2"):
        model.sample(1, state=2)


def test_a_fit_without_a_seed():
    x = np.random.default_rng(0).normal(0, 1, (60, 1))
    for kind in (GaussianHMM, JumpModel):
        assert kind(1, random_state=None).fit(x).converged_
