"""What CONTRIBUTING says is enough to add is enough: each recipe is followed in a copy of the package, in no other file.

A kind of order and a consolidator are in tests/simulator/test_recipes.py, a density in tests/models/test_emissions.py.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

import hidden_regime

ROOT = Path(hidden_regime.__file__).parents[1]
HEAD = """
import numpy as np
import pandas as pd
from hidden_regime import GaussianHMM, RegimeDetector, load_dataset

frame = load_dataset("sp500").iloc[:400]
"""


@pytest.fixture
def follow(tmp_path):
    """follow(recipe, code): run code with files that are new, or where `{old: new}` says what else stands in them."""

    def run(recipe, code):
        for folder in ("hidden_regime", "quantconnect_templates"):
            shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
        for name, change in recipe.items():
            path = tmp_path / name
            if isinstance(change, str):
                assert not path.exists()
                path.write_text(textwrap.dedent(change), encoding="utf-8")
                continue
            text = path.read_text(encoding="utf-8")
            for old, new in change.items():
                assert text.count(old) == 1, (name, old)
                text = text.replace(old, new)
            path.write_text(text, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-W", "error", "-W", "ignore:Series.values returning an ndarray", "-B", "-c", HEAD + textwrap.dedent(code)],
            cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout.split()

    return run


def test_a_feature_is_a_function_and_a_line_in_features(follow):
    recipe = {
        "hidden_regime/bars/features.py": {
            "FEATURES: dict[str, Feature] = {": (
                'def body(bars: Sequence[Bar]) -> float:\n    """Close over open."""\n'
                "    return math.log(bars[-1].close / bars[-1].open)\n\n\nFEATURES: dict[str, Feature] = {"
            ),
            '        Feature("log_return", log_return, 2),\n': (
                '        Feature("log_return", log_return, 2),\n        Feature("body", body, 1),\n'
            ),
        }
    }
    code = """
    detector = RegimeDetector(2, features=("log_return", "body"), lookback=100)
    detector.run(frame)
    means = np.log(frame["close"] / frame["open"]).iloc[-300:].mean()
    print(detector.model.parameters.means.shape, RegimeDetector.from_dict(detector.to_dict()).state == detector.state)
    """
    assert follow(recipe, code) == ["(2,", "2)", "True"]


def test_a_models_file_is_a_class_and_answers_for_itself(follow):
    recipe = {
        "hidden_regime/models/calm.py": '''
            """A Gaussian model whose states last."""

            from __future__ import annotations

            from typing import Any

            from hidden_regime.models.gaussian import GaussianHMM


            class CalmHMM(GaussianHMM):
                """States that are left once in two hundred bars, unless the data say otherwise."""

                def __init__(self, n_states: int = 3, *, stay_duration: float = 200.0, stay_weight: float = 400.0, **options: Any) -> None:
                    super().__init__(n_states, stay_duration=stay_duration, stay_weight=stay_weight, **options)
            '''
    }
    code = """
    from hidden_regime.models.calm import CalmHMM
    from hidden_regime.testing import check_model

    x = np.log(frame["close"]).diff().dropna().to_numpy()[:, None]
    check_model(lambda: CalmHMM(2), x)
    stays = lambda model: model.fit(x).transmat_.diagonal().min()
    print(stays(CalmHMM(2)) > stays(GaussianHMM(2)), CalmHMM(2).get_params()["stay_weight"])
    """
    assert follow(recipe, code) == ["True", "400.0"]


def test_a_store_is_a_file_and_a_way_to_open_it(follow):
    recipe = {
        "hidden_regime/cache/stores/database.py": '''
            """Entries in a file of SQLite."""

            from __future__ import annotations

            import sqlite3
            from collections.abc import Iterator

            from hidden_regime.cache.stores.base import Kept


            class DatabaseStore:
                """Entries in a table."""

                def __init__(self, path: str) -> None:
                    self._base = sqlite3.connect(path, isolation_level=None)
                    self._base.execute("create table if not exists kept (key text primary key, content blob)")

                def get(self, key: str) -> bytes | None:
                    row = self._base.execute("select content from kept where key = ?", (key,)).fetchone()
                    return None if row is None else bytes(row[0])

                def put(self, key: str, content: bytes) -> None:
                    self._base.execute("insert or replace into kept values (?, ?)", (key, content))

                def delete(self, key: str) -> None:
                    self._base.execute("delete from kept where key = ?", (key,))

                def entries(self) -> Iterator[Kept]:
                    for key, size in self._base.execute("select key, length(content) from kept").fetchall():
                        yield Kept(key, size, None)

                def flush(self) -> None:
                    pass

                def close(self) -> None:
                    self._base.close()

                def __len__(self) -> int:
                    return int(self._base.execute("select count(*) from kept").fetchone()[0])
            ''',
        "hidden_regime/cache/stores/opening.py": {
            "    if isinstance(where, (str, Path)):\n": (
                '    if str(where).endswith(".sqlite"):\n'
                "        from hidden_regime.cache.stores.database import DatabaseStore\n\n"
                "        return DatabaseStore(str(where))\n"
                "    if isinstance(where, (str, Path)):\n"
            )
        },
    }
    code = """
    from hidden_regime.cache import open_store
    from hidden_regime.many.run import run_many
    from hidden_regime.testing import check_store

    opened = [open_store("checked.sqlite")]
    check_store(lambda: opened[0])
    for _ in range(2):
        print(run_many({"A": frame}, RegimeDetector(2, lookback=100), store="models.sqlite").statistics["trainings"])
    """
    trainings = follow(recipe, code)
    assert int(trainings[0]) > 5 and trainings[1] == "0"


def test_a_regimes_name_is_a_line_of_the_ladder_and_one_of_the_palette(follow):
    recipe = {
        "hidden_regime/regimes/naming.py": {'2: ("Bear", "Bull"),': '2: ("Storm", "Bull"),'},
        "hidden_regime/regimes/palette.py": {
            '    "Bear": Usual(': '    "Storm": Usual("#123456", -0.5, 0.1, -1.5, "bearish"),\n    "Bear": Usual('
        },
    }
    code = """
    from hidden_regime.quantconnect import RegimeRiskManagementModel, RegimeSignalAdapter
    from hidden_regime.regimes.palette import score_of
    from hidden_regime.research.figures import COLOURS
    from hidden_regime.signals.signal import check_allocations, make_signal

    detector = RegimeDetector(2, lookback=100)
    states = detector.run(frame)
    print(*sorted(states["regime"].dropna().unique()), COLOURS["Storm"], score_of("Storm"), check_allocations(None, 2)["Storm"])
    """
    assert follow(recipe, code) == ["Bull", "Storm", "#123456", "-1.5", "-0.5"]


def test_a_field_of_the_state_is_in_four_files(follow):
    recipe = {
        "hidden_regime/regimes/state.py": {
            '    error: str = ""\n    notes: str = ""\n\n    def _repr_html_': (
                '    error: str = ""\n    notes: str = ""\n    lead: float = 0.0\n\n    def _repr_html_'
            )
        },
        "hidden_regime/detection/advance.py": {
            '"" if course.error is None else course.error.text, notes)': (
                '"" if course.error is None else course.error.text, notes, lead=2 * min(regimes[regime], 1.0) - 1)'
            )
        },
        "hidden_regime/detection/telling.py": {
            '"" if error is None else error.text, notes)': '"" if error is None else error.text, notes, 2 * confidence - 1)',
            "    table.extend(numbers": "    table._lead.extend((2 * numbers[:, 0] - 1).tolist())\n    table.extend(numbers",
        },
        "hidden_regime/regimes/table.py": {
            "        self._names.append(state.names)\n": (
                "        self._names.append(state.names)\n        self._lead.append(state.lead)\n"
            ),
            "        self._names.extend([None] * count)\n": (
                "        self._names.extend([None] * count)\n        self._lead.extend([math.nan] * count)\n"
            ),
            "        self._said: dict": '        self._lead = array("d")\n        self._said: dict',
            '            "trained_at": _in_zone': '            "lead": np.array(self._lead),\n            "trained_at": _in_zone',
        },
    }
    code = """
    detector = RegimeDetector(2, lookback=100)
    states = detector.run(frame)
    known = states.dropna(subset="regime")
    again = RegimeDetector.from_dict(detector.to_dict())
    print(np.allclose(known["lead"], 2 * known["confidence"] - 1), again.state == detector.state, again.state.lead > 0)
    """
    assert follow(recipe, code) == ["True", "True", "True"]


def test_a_column_and_a_kind_of_learned_models_are_lines_in_their_tables(follow):
    recipe = {
        "hidden_regime/quantconnect/learned/column.py": {
            "def _drawdown(period: int) -> Measure:": (
                "def _lowest(period: int) -> Measure:\n    mean = SimpleMovingAverage(period)\n"
                "    return Measure(period, lambda bar: bar.low / fed(mean, bar.end_time, bar.low) - 1.0)\n\n\n"
                "def _drawdown(period: int) -> Measure:"
            ),
            '    "range": Measured(': '    "low-gap": Measured(_lowest, "low over its mean of {n} bars, less 1", 0),\n    "range": Measured(',
        },
        "hidden_regime/learning/models/last.py": '''
            """The sign of the first column, as far as it goes."""

            from __future__ import annotations

            from collections.abc import Mapping
            from typing import Any

            from hidden_regime.kernels.results import Floats
            from hidden_regime.learning.models.scaling import standardise
            from hidden_regime.quantconnect.learned.cores import Core, Linear


            def fit_last(X: Floats, y: Floats, weight: Floats, parameters: Mapping[str, Any], seed: int) -> Core:
                """A slope of one on the first column."""
                _, mean, scale = standardise(X, weight)
                coef = [parameters["slope"]] + [0.0] * (X.shape[1] - 1)
                return Linear({"kind": "linear", "mean": mean.tolist(), "scale": scale.tolist(), "coef": coef, "intercept": 0.0})
            ''',
        "hidden_regime/learning/models/doors.py": {
            "from hidden_regime.learning.models import boosted, gaussian_process, linear\n": (
                "from hidden_regime.learning.models import boosted, gaussian_process, last, linear\n"
            ),
            '    "prior": Door(linear.fit_prior, "up"),\n': (
                '    "prior": Door(linear.fit_prior, "up"),\n    "last": Door(last.fit_last, "up", {"slope": 1.0}, {"slope": (0.1, 2.0, "log")}),\n'
            ),
        },
    }
    code = """
    from hidden_regime.learning import FeatureSpec, make_features
    from hidden_regime.testing import check_causal_function
    spec = FeatureSpec(["low-gap:10"])
    check_causal_function(lambda bars: make_features(bars, spec).table, frame.iloc[:100])
    found = make_features(frame, spec).table["low_gap_10"]
    print(np.allclose(found[9:], (frame["low"] / frame["low"].rolling(10).mean() - 1)[9:]))
    from hidden_regime.learning import FeatureSpec, Recipe, evaluate, label, make_features
    features = make_features(frame, FeatureSpec(["return:5", "rsi:14"]))
    found = evaluate(Recipe("last", {"slope": 0.5}), features, label(frame, "sign", horizon=5), n_resamples=99)
    print(found.verdict != "skill", len(found.folds))
    """
    assert follow(recipe, code) == ["True", "True", "5"]


def test_a_command_is_a_file_and_a_line(follow):
    recipe = {
        "hidden_regime/cli/versions.py": '''
            """What is installed."""

            from __future__ import annotations

            import hidden_regime


            def versions() -> None:
                """Print the version."""
                print(hidden_regime.__version__)
            ''',
        "hidden_regime/cli/main.py": {
            "app.command()(bundle)\n": (
                "app.command()(bundle)\n\nfrom hidden_regime.cli.versions import versions  # noqa: E402\n\napp.command()(versions)\n"
            )
        },
    }
    code = """
    import sys
    from hidden_regime.cli.start import main
    sys.argv = ["hidden-regime", "versions"]
    main()
    """
    assert follow(recipe, code) == [hidden_regime.__version__]


def test_a_template_is_a_file(follow):
    recipe = {
        "quantconnect_templates/half_in_bulls.py": '''
            """Half of the account in a bull market.

            Parameters: start and end (yyyy-mm-dd).
            """

            from AlgorithmImports import *

            from hidden_regime.quantconnect import HiddenRegimeAlgorithm


            class HalfInBulls(HiddenRegimeAlgorithm):
                def initialize(self):
                    self.set_start_date(*map(int, self.get_parameter("start", "2005-01-03").split("-")))
                    self.set_end_date(*map(int, self.get_parameter("end", "2006-12-29").split("-")))
                    self.ibm = self.add_equity("IBM", Resolution.DAILY).symbol
                    self.initialize_regime_detection(self.ibm, retrain_frequency="monthly")

                def on_data(self, data):
                    if self.regime_is_ready(self.ibm):
                        self.set_holdings(self.ibm, 0.5 * (self.current_regime == "Bull"))
            '''
    }
    code = """
    from hidden_regime.research.strategies import find_strategy, template_names
    from hidden_regime.data import open_market
    from hidden_regime.simulator import run_file

    done = run_file(find_strategy("half_in_bulls"), open_market("us_stocks"))
    print("half_in_bulls" in template_names(), done.error, done.algorithm.portfolio.total_fees > 0)
    """
    assert follow(recipe, code) == ["True", "None", "True"]
