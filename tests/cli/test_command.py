"""The command: what it writes, and one line for what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from hidden_regime import __version__
from hidden_regime.cli.main import app
from tests.conftest import CASES

runner = CliRunner()
FAST = ["--start", "2011-01-03", "--end", "2011-06-30", "--no-report"]


def call(*arguments: str):
    return runner.invoke(app, [str(a) for a in arguments])


def test_the_main_job_writes_everything(tmp_path):
    out = call("backtest", "optimized_multi_asset", "--out", tmp_path, "--start", "2010-01-04", "--end", "2011-12-30")
    assert out.exit_code == 0, out.output
    name = "optimized_multi_asset"
    expected = {"orders.csv", "equity.csv", "regimes.csv", "statistics.json", "report.html", f"{name}.json", f"{name}-summary.json",
                f"{name}-order-events.json", f"{name}-log.txt"}  # fmt: skip
    assert {p.name for p in tmp_path.iterdir()} == expected
    for words in ("Sharpe Ratio", "real daily bars", "what followed each regime", "trainings; the run took"):
        assert words in out.output
    orders, equity = pd.read_csv(tmp_path / "orders.csv"), pd.read_csv(tmp_path / "equity.csv")
    assert orders["status"].isin(["FILLED", "SUBMITTED"]).all()
    assert equity["date"].iloc[[0, -1]].tolist() == ["2010-01-04", "2011-12-30"]
    assert equity["equity"].notna().all()
    assert equity["equity"].iloc[0] == 100000
    regimes = pd.read_csv(tmp_path / "regimes.csv")
    assert set(regimes["ticker"]) == {"AAPL", "IBM", "MSFT"}
    assert set(regimes["regime"]) <= {"Bear", "Sideways", "Bull"}
    statistics = json.loads((tmp_path / "statistics.json").read_text())
    assert statistics["statistics"]["Total Orders"] == str(len(orders))
    page = (tmp_path / "report.html").read_text()
    assert "AAPL: regimes" in page
    assert "<script src=" not in page
    assert "<link" not in page.split("<script>")[0]
    assert "SYNTHETIC" not in page.split("<script>")[0] + page.split("</script>")[1][:3000]


def test_two_runs_write_the_same_files(tmp_path):
    span = FAST[:-1]
    for folder in ("a", "b"):
        assert call("backtest", "optimized_multi_asset", "--out", tmp_path / folder, *span).exit_code == 0
    names = sorted(path.name for path in (tmp_path / "a").iterdir())
    assert "report.html" in names
    for name in names:
        if not name.endswith("-log.txt"):  # the template logs its own timings
            assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_synthetic_data_are_labelled_everywhere(tmp_path):
    out = call(
        "backtest",
        "optimized_multi_asset",
        "--data",
        "synthetic",
        "--out",
        tmp_path,
        "--start",
        "2012-01-03",
        "--end",
        "2012-12-31",
    )
    assert out.exit_code == 0, out.output
    assert "SYNTHETIC DATA" in out.output
    assert "SYNTHETIC DATA: these prices are invented" in (tmp_path / "report.html").read_text()
    assert json.loads((tmp_path / "statistics.json").read_text())["data"]["synthetic"] is True


def test_a_lean_file_on_a_lean_folder(tmp_path):
    out = call(
        "backtest", CASES / "algorithms" / "r03_long_short_flips.py", "--data", CASES / "data", "--out", tmp_path, "--json"
    )
    assert out.exit_code == 0, out.output
    assert json.loads(out.output)["statistics"]["Sharpe Ratio"] == "-0.436"
    assert (tmp_path / "report.html").exists()


def test_quiet_says_nothing(tmp_path):
    out = call("backtest", "optimized_multi_asset", "--quiet", "--out", tmp_path, *FAST)
    assert (out.exit_code, out.output) == (0, "")


def test_detect_shows_writes_and_draws(tmp_path):
    out = call("detect", "ibm", "--out", tmp_path / "s.csv", "--plot", tmp_path / "s.html")
    assert out.exit_code == 0, out.output
    assert "latest state" in out.output
    assert call("detect", "us_indices", "--asset", "nasdaq").exit_code == 0
    assert "2013-03-01" in out.output
    assert len(pd.read_csv(tmp_path / "s.csv")) == 3270
    assert "plotly" in (tmp_path / "s.html").read_text()
    assert call("detect", "ibm", "--out", tmp_path / "s.parquet", "--retrain", "63", "--n-states", "2").exit_code == 0
    assert set(pd.read_parquet(tmp_path / "s.parquet")["regime"].dropna()) == {"Bear", "Bull"}


def test_help_version_and_data():
    assert call("--version").output.strip() == f"hidden-regime {__version__}"
    for command in ((), ("backtest",), ("detect",), ("data",), ("data", "list"), ("data", "info")):
        out = call(*command, "--help")
        assert out.exit_code == 0
        assert "Example:" in out.output
    assert "us_stocks (default)" in call("data", "list").output
    info = call("data", "info", "us_stocks").output
    assert "bokeh_sampledata" in info
    assert "SP500 (benchmark)" in info


def strategy(tmp_path: Path, body: str, name: str = "mine.py") -> Path:
    path = tmp_path / name
    path.write_text("from AlgorithmImports import *\nfrom hidden_regime.quantconnect import HiddenRegimeAlgorithm\n\n" + body)
    return path


OK = """class Mine(HiddenRegimeAlgorithm):
    def initialize(self):
        self.set_start_date(2011, 1, 3)
        self.set_end_date(2011, 3, 31)
        self.add_equity("IBM", Resolution.DAILY)
"""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["backtest", "nope"], ["'nope'", "optimized_multi_asset"]), (["backtest", "optimized_multi_asset", "--data", "nope"], ["'nope'", "us_stocks"]),
     (["backtest", "optimized_multi_asset", "--start", "soon"], ["--start", "2010-01-31"]),
     (["backtest", "optimized_multi_asset", "--start", "2012-01-01", "--end", "2011-01-01"], ["2012-01-01", "2011-01-01"]),
     (["backtest", "optimized_multi_asset", "--start", "2020-01-01", "--end", "2020-12-31"], ["no bars between", "2013-03-01"]),
     (["backtest", "optimized_multi_asset", "--start", "2005-01-08", "--end", "2005-01-09"], ["no session"]),
     (["backtest", "optimized_multi_asset", "-p", "assets=IBM,IBM"], ["IBM", "isn't watched yet"]), (["backtest", "optimized_multi_asset", "--cash", "inf"], ["--cash"]),
     (["backtest", "optimized_multi_asset", "--cash", "-1"], ["--cash", "-1"]), (["backtest", "optimized_multi_asset", "-p", "x"], ["-p", "name=value"]),
     (["backtest", "optimized_multi_asset", "-p", "n_states=0"], ["n_states", "0"]),
     (["backtest", "optimized_multi_asset", "-p", "assets=TSLA"], ["TSLA", "it has"]), (["detect", "nope"], ["'nope'"]),
     (["detect", "us_stocks"], ["3 assets", "--asset AAPL"]), (["backtest", "optimized_multi_asset", "-p", "start=foo"], ["-p start", "foo"]), (["detect", "ibm", "--n-states", "0"], ["n_states", "0"]),
     (["detect", "ibm", "--n-states", "300"], ["n_states", "300", "lookback"]), (["detect", "ibm", "--lookback", "99999"], ["lookback"]),
     (["detect", "ibm", "--plot", "x.gif"], ["--plot", ".html"]), (["data", "info", "nope"], ["'nope'"])],
)  # fmt: skip
def test_wrong_input_is_one_line_and_code_2(arguments, words):
    out = call(*arguments)
    assert out.exit_code == 2
    lines = [line for line in out.output.splitlines() if line.strip()]
    assert lines[-1].startswith("error: ")
    assert len(lines) == 1
    assert "Traceback" not in out.output
    for word in words:
        assert word in lines[-1]


def test_wrong_strategy_files_are_one_line_and_code_2(tmp_path):
    wrong = {
        "empty.py": ("x = 1\n", "no class that derives from QCAlgorithm"),
        "two.py": (OK + "\nclass Other(QCAlgorithm):\n    pass\n", "several algorithm classes"),
        "names.py": (OK + "        self.initialize_regime_detection('IBM', regime_allocations={'Moon': 1})\n", "'Moon'"),
    }
    for name, (body, words) in wrong.items():
        out = call("backtest", strategy(tmp_path, body, name), "--out", tmp_path / "out")
        assert out.exit_code == 2
        assert words in out.output
        lines = [line for line in out.output.splitlines() if line]
        assert len(lines) == (2 if name == "two.py" else 1)


def test_debug_shows_the_traceback():
    out = call("detect", "nope", "--debug")
    assert out.exit_code != 0
    assert out.exception is not None
    assert "nope" in str(out.exception)


def test_constant_prices_and_csv_faults_reach_the_user(tmp_path):
    days = pd.bdate_range("2015-01-01", periods=300)
    pd.DataFrame({"Date": days, "Close": 5.0}).to_csv(tmp_path / "flat.csv", index=False)
    out = call("detect", tmp_path / "flat.csv")
    assert out.exit_code == 2
    assert "constant" in out.output


def test_a_parameter_nobody_reads_is_a_warning(tmp_path):
    out = call("backtest", "optimized_multi_asset", "-p", "lookbak=100", "--out", tmp_path, *FAST)
    assert out.exit_code == 0
    assert (
        "warning: hidden_regime: -p lookbak=100: the strategy never read it." in out.output.replace("\n", " ")
        or "lookbak=100" in out.output
    )


def test_a_failing_strategy_shows_its_own_frames_and_keeps_its_results(tmp_path):
    body = (
        OK
        + """
    def on_data(self, data):
        self.set_holdings("IBM", 0.5)
        if self.time.month == 2:
            self.helper()

    def helper(self):
        return 1 / 0
"""
    )
    out = call("backtest", strategy(tmp_path, body), "--out", tmp_path / "out")
    assert out.exit_code == 1
    assert "ZeroDivisionError" in out.output
    assert "in helper" in out.output
    assert "simulator" not in out.output
    assert len(pd.read_csv(tmp_path / "out" / "orders.csv")) >= 1
    assert "stopped with an error" in (tmp_path / "out" / "report.html").read_text()


def test_start_on_the_command_line_is_the_same_as_in_the_file(tmp_path):
    text = (
        OK
        + "        self.initialize_regime_detection('IBM')\n\n    def on_data(self, data):\n        self.set_holdings('IBM', self.get_regime_allocation('IBM'))\n"
    )
    inside = strategy(tmp_path, text.replace("2011, 1, 3", "2012, 6, 1").replace("2011, 3, 31", "2012, 12, 31"), "inside.py")
    outside = strategy(tmp_path, text, "outside.py")
    assert call("backtest", inside, "--out", tmp_path / "a", "--no-report").exit_code == 0
    out = call("backtest", outside, "--out", tmp_path / "b", "--no-report", "--start", "2012-06-01", "--end", "2012-12-31")
    assert out.exit_code == 0
    for name in ("orders.csv", "equity.csv", "regimes.csv"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    assert pd.read_csv(tmp_path / "a" / "equity.csv")["date"].iloc[0] == "2012-06-01"
    assert pd.read_csv(tmp_path / "a" / "regimes.csv")["time"].iloc[0] == "2012-06-01"


def test_a_run_in_which_no_regime_became_known_says_so(tmp_path):
    days = pd.bdate_range("2015-01-01", periods=300)
    pd.DataFrame({"Date": days, "Close": 5.0}).to_csv(tmp_path / "flat.csv", index=False)
    out = call("backtest", "optimized_multi_asset", "--data", tmp_path / "flat.csv", "--out", tmp_path / "o", "--no-report")
    assert out.exit_code == 2
    assert "error: no regime of any asset became known. FLAT: log_return is constant" in out.output


def test_files_that_cannot_be_imported_or_written(tmp_path):
    for body, words in (("def broken(:\n", "line 4"), ("import no_such_module\n", "no_such_module")):
        out = call("backtest", strategy(tmp_path, body), "--out", tmp_path / "o")
        assert out.exit_code == 2
        assert words in out.output
        assert len(out.output.strip().splitlines()) == 1
    (tmp_path / "taken").write_text("")
    out = call("backtest", "optimized_multi_asset", "--out", tmp_path / "taken")
    assert out.exit_code == 2
    assert "taken" in out.output


def test_an_error_in_initialize_names_the_line_of_the_strategy(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text(
        "from AlgorithmImports import *\n\n\nclass S(QCAlgorithm):\n    def initialize(self):\n        self.add_option('SPY')\n"
    )
    out = call("backtest", path, "--out", tmp_path / "out")
    assert out.exit_code == 2
    assert "error: mine.py line 6: QCAlgorithm.add_option exists in LEAN only" in out.output.replace("\n", " ")


def test_a_profile_is_in_the_report_and_in_a_file_when_asked_for(tmp_path):
    words = ["backtest", "optimized_multi_asset", "-p", "start=2001-01-02", "-p", "end=2002-03-01", "--quiet", "--out"]
    plain = CliRunner().invoke(app, [*words, str(tmp_path / "plain")])
    asked = CliRunner().invoke(app, [*words, str(tmp_path / "asked"), "--profile"])
    assert plain.exit_code == asked.exit_code == 0, asked.output
    assert not (tmp_path / "plain" / "profile.json").exists()
    tree = json.loads((tmp_path / "asked" / "profile.json").read_text())
    assert {"read", "update", "train", "filter", "identity"} <= {row["operation"] for row in tree}
    inside = sum(row["total_time"] for row in tree if row["path"][:-1] == ["update"])
    assert 0 < inside <= next(row["total_time"] for row in tree if row["path"] == ["update"])
    title = "Where the time in regimes went"
    assert title in (tmp_path / "asked" / "report.html").read_text()
    assert title not in (tmp_path / "plain" / "report.html").read_text()
