"""Files that people write in TOML, and what is told of those that are none."""

from __future__ import annotations

import os
from decimal import Decimal

import pytest

from hidden_regime.exceptions import ParameterError, RegimeError
from hidden_regime.experiments.segments.eras import read_eras
from hidden_regime.experiments.space.read import read_space
from hidden_regime.files.text import LONGEST
from hidden_regime.files.toml import read_tables
from hidden_regime.jobs import read_campaign
from hidden_regime.learning.model_file import ModelFile
from hidden_regime.operation.alerts import read_alert_rules
from hidden_regime.operation.portfolio import read_plan
from hidden_regime.operation.tax import read_rates
from hidden_regime.quantconnect.guards.rules import read_rules

READERS = {
    "campaign": read_campaign,
    "space": read_space,
    "eras": read_eras,
    "model": ModelFile.read,
    "alerts": lambda path: read_alert_rules(path, {}),
    "plan": read_plan,
    "rates": read_rates,
}
NO_TOML = {
    "cut off": b"name = ",
    "no text": b"name = '\xff\xfe'",
    "nested": b"a = " + b"[" * 20_000,
    "many digits": b"a = 1" + b"0" * 6_000,
    "NUL": b"a = '\0'",
    "long": b"#" * (LONGEST + 1),
}


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("content", NO_TOML)
def test_each_reader_tells_of_what_is_no_toml(tmp_path, reader, content):
    path = tmp_path / "written.toml"
    path.write_bytes(NO_TOML[content])
    with pytest.raises(RegimeError, match=r"written\.toml") as caught:
        READERS[reader](path)
    assert len(str(caught.value)) < 600


@pytest.mark.parametrize("reader", READERS)
def test_each_reader_tells_of_what_is_no_file(tmp_path, reader):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")  # opening it would wait for ever
    for name, said in (("folder", "That is a folder"), ("pipe", "expected a file"), ("none.toml", "There is no such file")):
        with pytest.raises(RegimeError, match=said):
            READERS[reader](tmp_path / name)


@pytest.mark.parametrize("text", ["a = " + "[" * 20_000, "a = ", "a = 1" + "0" * 6_000])
def test_rules_that_are_no_toml_are_told(text):
    with pytest.raises(ParameterError, match="expected a file in TOML"):
        read_rules(text)


def test_fractions_are_as_they_are_written(tmp_path):
    path = tmp_path / "t.toml"
    path.write_bytes(b"\xef\xbb\xbfshare = 0.1\n")
    assert read_tables("t", path, decimals=True) == {"share": Decimal("0.1")}
    assert read_tables("t", path) == {"share": 0.1}
