"""Coarse files, lists of constituents and fundamental values: read from handwritten files."""

from datetime import date

import pytest

from hidden_regime.data.fundamental_values import FundamentalValues
from hidden_regime.data.universe_files import CoarseRow, Constituent, UniverseFiles
from hidden_regime.exceptions import DataError

DAY = date(2014, 1, 6)


def _write(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_rows_of_a_coarse_file_and_what_short_ones_leave_out(tmp_path):
    coarse = tmp_path / "fundamental" / "coarse"
    _write(coarse / "20140106.csv", "AAA R1,AAA,12.5,100,1250,True,0.5,0.25\nBBB R2,BBB,2,7,14\n\n")
    found = UniverseFiles(tmp_path)
    assert found.has_coarse
    assert found.coarse(DAY) == [
        CoarseRow("AAA R1", "AAA", 12.5, 100, 1250.0, True, 0.5, 0.25), CoarseRow("BBB R2", "BBB", 2.0, 7, 14.0, False, 1.0, 1.0),
    ]  # fmt: skip
    assert found.coarse(date(2014, 1, 7)) == []
    assert not UniverseFiles(tmp_path / "fundamental").has_coarse


def test_rows_of_a_list_and_what_empty_columns_mean(tmp_path):
    _write(tmp_path / "universes" / "etf" / "xyz" / "20140106.csv", "AAA,AAA R1,20140103,0.25,10,\nBBB,BBB R2\n")
    found = UniverseFiles(tmp_path)
    assert found.has_list("etf", "XYZ") and not found.has_list("etf", "../xyz")
    assert found.constituents("etf", "XYZ", DAY) == [
        Constituent("AAA R1", "AAA", date(2014, 1, 3), 0.25, 10.0, None), Constituent("BBB R2", "BBB"),
    ]  # fmt: skip
    assert found.constituents("etf", "..", DAY) == found.constituents("etf", "abc", DAY) == []


@pytest.mark.parametrize("line", ["AAA R1,AAA,x,1,1", "AAA R1,AAA,1", "AAA R1,AAA,nan,1,1", "AAA R1,AAA,1,1.5,1"])
def test_a_coarse_line_that_is_none_names_file_and_line(tmp_path, line):
    _write(tmp_path / "fundamental" / "coarse" / "20140106.csv", f"BBB R2,BBB,2,7,14\n{line}\n")
    with pytest.raises(DataError, match=r"20140106\.csv line 2: .*expected 'identifier,ticker"):
        UniverseFiles(tmp_path).coarse(DAY)


@pytest.mark.parametrize("line", ["AAA", "AAA,AAA R1,20140103,x"])
def test_a_line_of_a_list_that_is_none_names_file_and_line(tmp_path, line):
    _write(tmp_path / "universes" / "daily" / "mine" / "20140106.csv", f"{line}\n")
    with pytest.raises(DataError, match=r"20140106\.csv line 1: .*expected 'ticker,identifier"):
        UniverseFiles(tmp_path).constituents("daily", "mine", DAY)


def test_a_fundamental_value_holds_until_the_next_one(tmp_path):
    path = _write(
        tmp_path / "values.csv",
        "# mine\n20140102,AAA,valuation_ratios.pe_ratio,10\n20140106,aaa,Valuation_Ratios.PE_Ratio,12.5\n"
        "20140102,*,valuation_ratios.pe_ratio,0\n20140102,AAA,company_profile.headquarter_city,Cupertino\n"
        "20140103,AAA,has_it,true\n",
    )
    values = FundamentalValues(path)
    name = "valuation_ratios.pe_ratio"
    assert [values.find("AAA", name, date(2014, 1, d)) for d in (1, 2, 5, 6, 9)] == [None, 10.0, 10.0, 12.5, 12.5]
    assert (values.find("BBB", name, DAY), values.find("BBB", "has_it", DAY)) == (0.0, None)
    assert (values.find("AAA", "company_profile.headquarter_city", DAY), values.find("aaa", "has_it", DAY)) == ("Cupertino", True)
    assert FundamentalValues(tmp_path / "none.csv").properties == set()


@pytest.mark.parametrize("text", ["20140102,AAA,x\n", "2014,AAA,x,1\n", "20140102,AAA,x,1\n20140102,AAA,x,2\n"])
def test_a_line_of_values_that_is_none_names_file_and_line(tmp_path, text):
    with pytest.raises(DataError, match=r"values\.csv line \d: .*expected 'yyyyMMdd,ticker,property,value'"):
        FundamentalValues(_write(tmp_path / "values.csv", text))
