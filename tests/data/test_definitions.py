"""LEAN's database of standard identifiers: the line of AAPL is that of LEAN's own Data folder."""

from __future__ import annotations

import pytest

from hidden_regime.data.definitions import Definition, read_definitions
from hidden_regime.exceptions import DataError

AAPL = "AAPL R735QTJ8XC9X,03783310,BBG000B9XRY4,2046251,US0378331005,320193"


def written(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_line_is_read_with_and_without_its_last_parts(tmp_path):
    path = written(tmp_path / "a.csv", f"# a note\n\n{AAPL}\nX 2T,,,,\nY 2T,1, ,3,4\nY 2T,9,9,9,9,9\n")
    assert read_definitions(path) == {
        "AAPL R735QTJ8XC9X": Definition("03783310", "BBG000B9XRY4", "2046251", "US0378331005", 320193),
        "X 2T": Definition(),
        "Y 2T": Definition("1", None, "3", "4"),
    }
    assert read_definitions(tmp_path / "b.csv") == {}


@pytest.mark.parametrize("line", ["X 2T,1,2,3", "X 2T,1,2,3,4,five", "X 2T,1,2,3,4,5,6"])
def test_a_broken_line_is_named(tmp_path, line):
    path = written(tmp_path / "a.csv", f"{AAPL}\n{line}\n")
    with pytest.raises(DataError, match=r"line 2.*expected 'identifier,CUSIP"):
        read_definitions(path)
