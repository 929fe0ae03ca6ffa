"""Outer trainings: the same by any number of processes, and those that were done before a kill aren't done again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hidden_regime.learning import PurgedKFold, evaluate
from hidden_regime.learning import crossing as module
from hidden_regime.learning.crossing import cross, training_key
from hidden_regime.learning.kept import KeptTrainings
from hidden_regime.learning.models import Recipe
from hidden_regime.learning.robust import resample
from hidden_regime.learning.tuning import Tuner
from tests.learning.worlds import dataset, planted

TREES = Recipe("lightgbm", {"trees": 12, "least_rows": 20}, inner_splits=2)


@pytest.fixture(scope="module")
def data():
    return dataset(planted(n=400))


def asked(data, **options):
    tuner = Tuner(TREES, 2)
    found = evaluate(TREES, data.features, data.labels, cv=PurgedKFold(4), tune=tuner, n_resamples=99, **options)
    return found.to_json(), found.to_html(), tuner.history


@pytest.fixture(scope="module")
def unbroken(data):
    return asked(data)


class Killed(Exception):
    pass


def killed_after(count):
    def step(done, total):
        if done == count:
            raise Killed

    return step


def test_who_is_killed_goes_on_where_he_was(data, unbroken, tmp_path, monkeypatch):
    kept = KeptTrainings(tmp_path / "unfinished")
    for count in (1, 3):
        with pytest.raises(Killed):
            asked(data, kept=KeptTrainings(kept.folder), step=killed_after(count))
        assert len(list(kept.folder.iterdir())) == count
    trained = []
    monkeypatch.setattr(
        module, "fit", lambda recipe, data, rows, fit=module.fit: trained.append(len(rows)) or fit(recipe, data, rows)
    )
    assert asked(data, kept=kept) == unbroken
    assert len(trained) == 1
    kept.forget()
    assert not kept.folder.exists()


def test_what_isn_t_whole_is_trained_again(data, tmp_path):
    plain = Recipe("logistic", calibration="none")
    kept = KeptTrainings(tmp_path)
    whole = [fold.probability.tolist() for fold in cross(plain, data, PurgedKFold(2), kept=kept)]
    first, second = sorted(tmp_path.iterdir())
    first.write_text(first.read_text()[:100])
    second.write_text(second.read_text().replace('"intercept": ', '"intercept": 1'))
    assert [fold.probability.tolist() for fold in cross(plain, data, PurgedKFold(2), kept=kept)] == whole
    other = tmp_path / "another's.json"
    other.write_text("")
    kept.forget()
    assert list(tmp_path.iterdir()) == [other]


def test_trainings_of_anything_else_have_other_keys(data):
    rows = next(iter(PurgedKFold(4).splits(data.labels))).train
    later = replace(data, labels=replace(data.labels, n_bars=data.labels.n_bars + 100))  # its embargo is another one
    keys = [
        training_key(TREES, data, None, rows), training_key(TREES, data, Tuner(TREES, 2), rows),
        training_key(TREES, data, Tuner(TREES, 3), rows), training_key(TREES, data, Tuner(TREES, 2, 1), rows),
        training_key(replace(TREES, seed=1), data, None, rows), training_key(TREES, data, None, rows[1:]),
        training_key(TREES, data.shuffled(1), None, rows), training_key(TREES, later, None, rows),
    ]  # fmt: skip
    assert len(set(keys)) == len(keys)
    assert training_key(TREES, data, None, rows) == keys[0]


def test_processes_change_nothing(data, unbroken, tmp_path):
    assert asked(data, workers=2, kept=KeptTrainings(tmp_path)) == unbroken
    assert len(list(tmp_path.iterdir())) == 4
    plain = Recipe("logistic", calibration="none")
    one, two = (resample(plain, data, 45, 3, workers=count) for count in (1, 2))
    assert one.to_json() == two.to_json()
