"""Numbers of states side by side, against the models fitted one by one."""

from __future__ import annotations

import numpy as np
import pytest

from hidden_regime import AutoregressiveHMM, GaussianHMM, JumpModel, StudentTHMM, load_dataset, select_n_states
from hidden_regime.exceptions import ConvergenceWarning, ParameterError, TrainingError


@pytest.fixture(scope="module")
def X():
    rng = np.random.default_rng(0)
    return np.concatenate([rng.normal(0, 1, 150), rng.normal(0, 4, 150)])[:, None]


@pytest.mark.filterwarnings("ignore::hidden_regime.exceptions.RegimeWarning")
@pytest.mark.parametrize("criterion", ["bic", "cv"])
def test_a_number_of_states_that_the_data_cannot_carry_keeps_its_row(X, criterion):
    short = X[:20] if criterion == "bic" else X[:60]
    table = select_n_states(short, [1, 2, 9, 400], criterion, n_splits=2)
    assert table.loc[[9, 400], "log_likelihood"].isna().all() and table.loc[[1, 2], "log_likelihood"].notna().all()
    assert "parameters" in table.loc[9, "reason"] and "n_states" in table.loc[400, "reason"]
    assert table.loc[[1, 2], "reason"].eq("").all()
    assert table["best"].sum() == 1 and table.loc[[1, 2], "best"].any()


def test_none_at_all_is_an_error(X):
    with pytest.raises(TrainingError, match="parameters"):
        select_n_states(X[:8], [4, 5])
    with pytest.raises(ParameterError, match="n_states"):
        select_n_states(X, [0, 2])
    with pytest.raises(ParameterError, match="covariance_type"):
        select_n_states(X, [2], covariance_type="wild")


@pytest.mark.filterwarnings("ignore::hidden_regime.exceptions.RegimeWarning")
@pytest.mark.parametrize("model", [GaussianHMM, StudentTHMM, JumpModel])
def test_other_models_and_several_sequences(X, model):
    lengths = [100, 200]
    table = select_n_states(X, [1, 2], lengths=lengths, model=model, n_iter=20)
    alone = model(2, n_iter=20, n_init=20).fit(X, lengths=lengths)
    for name, value in [
        ("log_likelihood", alone.log_likelihood_),
        ("bic", alone.bic(X, lengths)),
        ("icl", alone.icl(X, lengths)),
    ]:
        assert table.loc[2, name] == value


def test_unseen_stretches_of_several_sequences(X):
    table = select_n_states(X, [2], "cv", lengths=[100, 200], n_splits=1)
    model = GaussianHMM(2, n_init=20).fit(X[:150], lengths=[100, 50])
    assert table.loc[2, "cv"] == model.score(X, lengths=[100, 200]) - model.score(X[:150], lengths=[100, 50])


def test_a_warning_says_whose_it_is(X):
    with pytest.warns(ConvergenceWarning, match=r"^n_states = 2: EM stopped"):
        select_n_states(X, [2], n_iter=2)


def test_more_starts_never_fit_worse_and_find_what_few_miss():
    x = 100 * np.log(load_dataset("sp500")["close"]).diff().dropna().to_numpy()[:, None]
    gains = []
    for begin in range(0, 4800, 480):
        window = x[begin : begin + 252]
        few, many = (select_n_states(window, (2, 3), n_init=n)["log_likelihood"] for n in (0, 20))
        own = select_n_states(window, (2, 3))["log_likelihood"]
        assert (many >= few - 1e-4).all()  # tol
        np.testing.assert_array_equal(own, many)
        gains.append(many[3] - few[3])
    assert max(gains) > 2.0


def test_evidence_decides_unless_another_criterion_is_asked(X):
    table = select_n_states(X, [1, 2], n_init=0)
    assert table.loc[1, "evidence"] == 0.0 and table["cv"].isna().all()
    pure = select_n_states(X, [1, 2], "bic", n_init=0)
    assert pure["evidence"].isna().all()
    columns = ["log_likelihood", "n_parameters", "aic", "bic", "icl"]
    assert table[columns].equals(pure[columns])


def test_heavy_tails_are_no_second_state():
    noise = np.random.default_rng(1).standard_t(4, 600)[:, None]
    assert select_n_states(noise, [1, 2], "bic")["best"].idxmax() == 2
    assert select_n_states(noise, [1, 2])["best"].idxmax() == 1


def test_only_numbers_that_could_be_fitted_are_chosen(X):
    table = select_n_states(X[:110], [2, 60], n_init=0)
    assert table["best"].tolist() == [True, False] and np.isnan(table.loc[60, "evidence"])


def test_evidence_knows_no_lags(X):
    with pytest.raises(ParameterError, match=r"criterion = 'evidence'.*AutoregressiveHMM"):
        select_n_states(X, [1, 2], model=AutoregressiveHMM)
    assert select_n_states(X, [1], "bic", model=AutoregressiveHMM)["best"].all()
