"""The harness of LEAN's regression suite, on an invented checkout."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.lean_suite.command import TABLE, group_of, known_outcomes, main
from benchmarks.lean_suite.definitions import family, read
from benchmarks.lean_suite.judging import OUTCOMES, judge
from tests.conftest import CASES

ROOT = Path(__file__).parents[2]
SHARP = """
namespace Invented
{{
    public class {name} : QCAlgorithm, IRegressionAlgorithmDefinition
    {{
        public List<Language> Languages {{ get; }} = new() {{ Language.CSharp, Language.Python }};
        public AlgorithmStatus AlgorithmStatus => AlgorithmStatus.Completed;
        public Dictionary<string, string> ExpectedStatistics => new Dictionary<string, string>
        {{
            {{"Total Orders", "{orders}"}},
            {{"Net Profit", "0%"}},
            {{"OrderListHash", "{digest}"}}
        }};
    }}
}}
"""
PYTHON = """from AlgorithmImports import *

class {name}(QCAlgorithm):
    def initialize(self):
        self.set_start_date(2017, 3, 6)
        self.set_end_date(2017, 3, 8)
        {line}
"""
NONE_SENT = "d41d8cd98f00b204e9800998ecf8427e"
MADE = {
    "IdleAlgorithm": ("0", "self.add_equity('SPY', Resolution.DAILY)"),
    "BusyAlgorithm": ("7", "self.add_equity('SPY', Resolution.DAILY)"),
    "NoSuchAlgorithm": ("0", "self.add_equity('SPY', Resolution.DAILY).no_such_member"),
    "ChoiceAlgorithm": ("0", "self.add_option('SPY')"),
    "CoinsAlgorithm": ("0", "self.add_crypto('BTCUSD', Resolution.DAILY)"),
    "OtherCoinsAlgorithm": ("0", "self.add_crypto('ETHUSD', Resolution.DAILY)"),
}


@pytest.fixture
def checkout(tmp_path):
    for folder in ("Algorithm.CSharp", "Algorithm.Python"):
        (tmp_path / folder).mkdir()
    (tmp_path / "Data").symlink_to(CASES / "data")
    for name, (orders, line) in MADE.items():
        digest = NONE_SENT if name == "CoinsAlgorithm" else "of others"
        (tmp_path / "Algorithm.CSharp" / f"{name}.cs").write_text(SHARP.format(name=name, orders=orders, digest=digest))
        (tmp_path / "Algorithm.Python" / f"{name}.py").write_text(PYTHON.format(name=name, line=line))
    (tmp_path / "Algorithm.CSharp" / "Helper.cs").write_text("public class Helper : QCAlgorithm { }")
    return tmp_path


def test_definitions_are_read_with_what_they_trade_and_expect(checkout):
    found = {one.name: one for one in read(checkout)}
    assert list(found) == sorted(MADE)
    assert found["BusyAlgorithm"].statistics == {"Total Orders": "7", "Net Profit": "0%", "OrderListHash": "of others"}
    assert (found["BusyAlgorithm"].status, found["BusyAlgorithm"].family) == ("Completed", "us equity")
    assert (found["ChoiceAlgorithm"].family, found["CoinsAlgorithm"].family) == ("option", "crypto")


@pytest.mark.parametrize(
    ("lines", "expected", "group"),
    [
        ("self.add_equity('SPY')", "us equity", "us equity"),
        ("self.add_data(Mine, 'X')", "us equity + custom data", "us equity"),
        ("self.add_forex('EURUSD')", "forex", "crypto, forex"),
        ("self.set_brokerage_model(BrokerageName.GDAX)", "crypto", "crypto, forex"),
        ("self.AddCrypto('BTCUSD'); self.add_forex('EURUSD')", "crypto+forex", "crypto, forex"),
        ("Symbol.create('EURUSD', SecurityType.FOREX, 'oanda'); self.add_equity('SPY')", "forex+us equity", "crypto, forex"),
        ("Symbol.create('EURUSD', SecurityType.FOREX, 'oanda'); SecurityType.EQUITY", "forex+us equity", "crypto, forex"),
        ("self.add_crypto_future('BTCUSD')", "crypto future", "others"),
        ("self.add_crypto('BTCUSD'); SecurityType.CRYPTO_FUTURE", "crypto+crypto future", "others"),
        ("self.add_forex('EURUSD'); self.add_cfd('XAUUSD'); self.add_equity('SPY')", "cfd+forex+us equity", "others"),
    ],
)
def test_a_definition_is_counted_by_the_asset_classes_that_it_names(tmp_path, lines, expected, group):
    file = tmp_path / "Strategy.py"
    file.write_text(lines)
    assert (family(file), group_of(family(file))) == (expected, group)


def test_what_a_neighbour_names_counts_too(tmp_path):
    (tmp_path / "Base.py").write_text("self.add_forex('EURUSD')")
    (tmp_path / "Strategy.py").write_text("from Base import *\nself.add_equity('SPY')")
    assert family(tmp_path / "Strategy.py") == "forex+us equity"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="each definition is a fork")
def test_runs_are_counted_and_compared_with_the_table(checkout, tmp_path):
    table = tmp_path / "table.csv"
    table.write_text("name,outcome\nBusyAlgorithm,equal\nOther,crash\n")
    command = [sys.executable, "-m", "benchmarks", "lean-suite", str(checkout), "--out", str(tmp_path / "out"), "--write"]
    done = subprocess.run([*command, "--table", str(table)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr  # what was equal isn't any more
    assert "BusyAlgorithm: equal -> differ" in done.stdout
    assert "ChoiceAlgorithm" not in done.stdout
    counts = {row[:31].strip(): row[31:].split() for row in done.stdout.splitlines()}
    # Of equities, of pairs.
    assert [counts[kind] for kind in ("equal", "differ", "in all")] == [["1", "1"], ["1", "1"], ["3", "2"]]
    assert "crypto, forex: 2 crypto" in done.stdout
    assert known_outcomes(table) == {
        "BusyAlgorithm": "differ", "CoinsAlgorithm": "equal", "IdleAlgorithm": "equal",
        "NoSuchAlgorithm": "unsupported, raw Python error", "Other": "crash", "OtherCoinsAlgorithm": "differ",
    }  # fmt: skip
    told = (tmp_path / "out" / "outcomes.csv").read_text()
    assert 'BusyAlgorithm,us equity,differ,"Total Orders: LEAN 7, here 0"' in told
    assert f'OtherCoinsAlgorithm,crypto,differ,"OrderListHash: LEAN of others, here {NONE_SENT}"' in told


def test_the_end_of_a_run_tells_what_it_came_to(checkout, tmp_path):
    definition = read(checkout)[0]
    assert judge(definition, None, tmp_path).kind == "timeout"
    (tmp_path / "stderr.txt").write_text("error: history with ticks exists in LEAN only.\n")
    assert judge(definition, 2, tmp_path).kind == "unsupported, clear message"
    (tmp_path / "stderr.txt").write_text("error: s.py line 3 can't be imported: NameError: name 'x' is not defined.\n")
    assert judge(definition, 2, tmp_path).kind == "unsupported, raw Python error"
    (tmp_path / "stderr.txt").write_text(
        "Traceback of the strategy:\n  File 's.py', line 3\n    raise ValueError('x')\nValueError: x\n"
    )
    assert judge(definition, 1, tmp_path).kind == "differ"
    assert judge(definition, 70, tmp_path).kind == "crash"
    assert judge(definition, 0, tmp_path).kind == "crash"


@pytest.mark.parametrize("arguments", [[], ["--only", "Nobody"]])
def test_what_isnt_there_is_said(checkout, tmp_path, capsys, arguments):
    folder = checkout if arguments else tmp_path / "none"
    with pytest.raises(SystemExit) as end:
        main([str(folder), *arguments])
    assert end.value.code == 2
    said = capsys.readouterr().err
    assert "Nobody" in said if arguments else "expected a checkout of LEAN, it has no Algorithm.CSharp" in said


def test_the_kept_table_has_known_outcomes_only():
    assert set(known_outcomes(TABLE).values()) <= set(OUTCOMES)
