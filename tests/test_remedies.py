"""What a message tells a user to do can be done: calls run as they stand and mend it, commands and names exist."""

from __future__ import annotations

import ast
import re
import tomllib
import warnings
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import typer

import hidden_regime
from hidden_regime import Bar, GaussianHMM, RegimeDetector, find_regimes
from hidden_regime.cli.main import app
from hidden_regime.data import LeanFolder, TableMarket, open_market
from hidden_regime.data.tables import read_table
from hidden_regime.exceptions import DataError, ParameterError, RegimeError, UnadjustedPricesWarning
from hidden_regime.simulator.algorithm import QCAlgorithm

ROOT = Path(hidden_regime.__file__).parent
OPTIONS = {"n_states": 2, "lookback": 60, "retrain": "never"}


def frame(index=None):
    index = pd.date_range("2018-01-01", periods=150, freq="B", name="date") if index is None else index
    return pd.DataFrame({"close": 100 * np.exp(np.cumsum(np.random.default_rng(0).normal(0, 0.01, len(index))))}, index=index)


def advice(error: RegimeError | str, after: str) -> str:
    return str(error).partition(after)[2].strip().rstrip(".")


def refused(work, kind=RegimeError):
    with pytest.raises(kind) as caught:
        work()
    return caught.value


@pytest.mark.parametrize(
    ("given", "after", "expected"),
    [
        (frame().rename(columns={"close": "value"}), "say so: ", frame()),
        (frame().T, "rows: ", frame()),
        (pd.concat({("x", "SPY"): frame()}, axis=1), "Choose one asset: ", frame()),
        (pd.concat({("x", "SPY"): frame()}, axis=1), "level=1), or ", frame()),
        (frame().rename(columns={"close": "SPY"}).assign(TLT=frame()["close"]), "say so: ", None),
    ],
    ids=["values", "times in columns", "three levels", "three levels, the other way", "assets"],
)
def test_a_frame_is_mended_by_the_call_that_its_error_names(given, after, expected):
    call = advice(refused(lambda: find_regimes(given, **OPTIONS)), after).partition(", or ")[0]
    mended = eval(call, {"frame": given, "ticker": "SPY"})
    found = find_regimes(mended, **OPTIONS)
    if expected is None:
        assert set(found) == {"SPY", "TLT"}
    else:
        pd.testing.assert_series_equal(found.close, expected["close"], check_names=False, check_freq=False)


def test_times_of_several_zones_are_mended_in_frames_and_in_bars():
    zones = [timezone(timedelta(hours=1 + n % 2)) for n in range(150)]
    times = [datetime(2018, 1, 1, 12, tzinfo=zone) + timedelta(days=n) for n, zone in enumerate(zones)]
    mixed = frame().set_axis(pd.Index(times, dtype=object), axis=0)
    space = {"frame": mixed.copy(), "pd": pd}
    exec(advice(refused(lambda: find_regimes(mixed, **OPTIONS)), "Convert them: "), space)
    find_regimes(space["frame"], **OPTIONS)
    bars = [Bar(time, *[close] * 4, 1.0) for time, close in zip(times, frame()["close"], strict=True)]
    call = advice(refused(lambda: find_regimes(bars, **OPTIONS)), "Convert them: ")
    assert call == "time.astimezone(zone)"
    find_regimes([bar._replace(end_time=eval(call, {"time": bar.end_time, "zone": UTC})) for bar in bars], **OPTIONS)


def test_a_split_is_mended_by_the_ratio_that_its_warning_names():
    given = frame()
    given["Adj Close"] = given["close"] * np.where(np.arange(150) < 100, 0.25, 1.0)
    with pytest.warns(UnadjustedPricesWarning) as caught:
        find_regimes(given, **OPTIONS)
    ratio = eval(advice(str(caught[0].message), "multiply them by "), {"frame": given})
    given["close"] = given["close"] * ratio
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        find_regimes(given, **OPTIONS)


def test_a_row_becomes_a_bar_by_the_call_that_the_error_names():
    given = frame().assign(open=1.0, high=200.0, low=0.5, volume=7.0)
    detector, row = RegimeDetector(2), given.reset_index(drop=True).iloc[0]
    call = advice(refused(lambda: detector.update(row)), "Of a row of a frame without times: ")
    detector.update(eval(call, {"Bar": Bar, "row": row, "time": given.index[0]}))


@pytest.mark.parametrize("mark", [";", "\t", "|"])
@pytest.mark.parametrize("decimal", [".", ","])
def test_a_file_with_other_marks_is_written_anew_by_the_call_that_its_error_names(tmp_path, mark, decimal):
    path = tmp_path / "x.csv"
    given = frame().round(3)
    given.to_csv(path, sep=mark, decimal=decimal)
    eval(advice(refused(lambda: read_table(path), DataError), "Write it anew: "), {"pd": pd})
    assert read_table(path)["close"].tolist() == given["close"].tolist()


@pytest.mark.parametrize(("freq", "minutes"), [("60min", 60), ("1min", 1)])
def test_ends_of_bars_are_shifted_to_their_starts_by_the_call_that_the_error_names(freq, minutes):
    days = pd.bdate_range("2018-01-02", periods=3)
    first = "10:00" if minutes == 60 else "10:01"
    ends = pd.DatetimeIndex(
        [t for day in days for t in pd.date_range(f"{day:%Y-%m-%d} {first}", f"{day:%Y-%m-%d} 16:00", freq=freq)]
    )
    given = frame(ends)
    call = advice(refused(lambda: TableMarket({"X": given}), DataError), "Shift the index: ")
    assert TableMarket({"X": given.set_axis(eval(call, {"index": given.index, "pd": pd}), axis=0)}).intraday("X", minutes)


def test_dates_of_two_readings_are_told_apart_by_the_call_that_the_error_names():
    given = frame().iloc[:2].reset_index()
    column = given["date"] = ["01/02/2018", "01/01/2018"]
    text = str(refused(lambda: find_regimes(given, **OPTIONS)))
    form = re.search(r"pd\.to_datetime\(column, format=('[^']+')", text)
    if form is None:
        pytest.skip("the message for dates is another here")
    assert pd.to_datetime(column, format=eval(form[1])).is_unique


def test_a_market_is_made_by_the_calls_that_the_error_names(tmp_path):
    from hidden_regime.simulator import run_file

    text = str(refused(lambda: run_file(tmp_path / "x.py", None), ParameterError))
    names = re.findall(r"(\w+)\((\w+)\)", text.partition("Make one: ")[2])
    assert [name for name, _ in names] == ["LeanFolder", "TableMarket", "open_market"]
    assert all(callable(value) for value in (LeanFolder, TableMarket, open_market))


def test_a_model_that_is_not_fitted_is_fitted_by_the_call_that_the_error_names():
    X = frame()[["close"]].to_numpy()
    model = GaussianHMM(2)
    call = re.search(r"call (fit\(X\))", str(refused(lambda: model.predict(X))))[1]
    eval(f"model.{call}", {"model": model, "X": X})
    assert len(model.predict(X)) == len(X)


# Names in messages ---------------------------------------------------------------------------------------------------------


def messages():
    """Texts in the package that aren't documentation, as they stand, with what is filled in as {}."""
    for path in sorted(ROOT.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        plain = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}  # documentation
        inner = {id(v) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for v in n.values}
        for node in ast.walk(tree):
            if id(node) in plain | inner:
                continue
            if isinstance(node, ast.JoinedStr):
                yield path, "".join(v.value if isinstance(v, ast.Constant) else "{}" for v in node.values)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield path, node.value


MESSAGES = [(path, text) for path, text in messages() if " " in text]


def commands(command, path=()):
    """Every command by its words, with its options."""
    yield path, {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))


COMMANDS = dict(commands(typer.main.get_command(app)))
OTHERS = {"pip", "lean"}
"""Commands that aren't ours."""


def test_every_command_that_a_message_names_exists_with_its_options():
    seen = 0
    for path, text in MESSAGES:
        for line in re.findall(r"\bhidden-regime ((?:[a-z][a-z-]*)(?: [a-z-]+|\s--?[a-z-]+| [A-Z]+)*)", text):
            words = line.split()
            if words[0] not in {name[0] for name in COMMANDS if name}:
                continue  # "hidden-regime reads", where it is the package
            name = max((n for n in COMMANDS if n and tuple(words[: len(n)]) == n), key=len)
            for option in (word for word in words[len(name) :] if word.startswith("-")):
                assert option in COMMANDS[name], (path, line)
            seen += 1
    assert seen > 8


def test_every_option_that_a_message_names_is_one():
    known = set().union(*COMMANDS.values())
    seen = set()
    for path, text in MESSAGES:
        if any(word in text for word in OTHERS) and "hidden-regime" not in text:
            text = re.sub(r"`(?:pip|lean) [^`]*`", "", text)
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", text):
            if path.name in ("instructions.py", "page.py", "pictures.py", "template.py"):  # valgrind's, and a page's colours
                continue
            assert option in known, (path, text)
            seen.add(option)
    assert {"--asset", "--data", "--python", "--strategy", "--events", "--object-store"} <= seen


def test_every_extra_that_a_message_names_can_be_installed():
    with open(ROOT.parent / "pyproject.toml", "rb") as file:
        extras = set(tomllib.load(file)["project"]["optional-dependencies"])
    named = {extra for _, text in MESSAGES for extra in re.findall(r"hidden-regime\[(\w+)\]", text)}
    assert named
    assert named <= extras


def test_every_member_of_an_algorithm_that_a_message_names_is_one():
    named = {
        name
        for path, text in MESSAGES
        for name in re.findall(r"\bself\.([a-z]\w+)(?:\.\w+)?\(?", text)
        if "bundle" not in path.parts
    }
    named -= {"name", "x"}
    assert {"consolidate", "set_benchmark", "object_store", "universe_settings"} <= named
    assert [name for name in sorted(named) if not hasattr(QCAlgorithm, name)] == []
