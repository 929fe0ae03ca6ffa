"""The data of a study: opened once, and again when it has changed."""

from __future__ import annotations

import os

import pytest

from hidden_regime.exceptions import RegimeError
from hidden_regime.experiments.trials.digests import data_digest
from hidden_regime.experiments.trials.source import open_source, stamp_of
from tests.conftest import CASES
from tests.experiments.small import market, write_prices


def test_what_cannot_change_has_no_stamp():
    assert [stamp_of(data) for data in (None, "us_stocks", "synthetic", market())] == [""] * 4


def test_a_file_is_told_from_what_it_was(tmp_path):
    path = write_prices(tmp_path)
    before, first = stamp_of(path), open_source(path)
    assert stamp_of(str(path)) == before
    assert open_source(str(path)) is first
    os.utime(path, ns=(0, 0))
    touched = stamp_of(path)
    write_prices(tmp_path, seed=1)
    assert len({"", before, touched, stamp_of(path)}) == 4
    assert data_digest(open_source(path)) != data_digest(first)


def test_a_folder_is_told_by_its_files():
    folder = CASES / "data"
    assert stamp_of(folder) == stamp_of(str(folder)) != ""
    assert open_source(folder) is open_source(folder)


def test_the_default_is_what_is_packaged():
    assert open_source(None) is open_source("us_stocks")


def test_of_markets_that_were_sent_the_first_stands_for_all():
    one, same, other = market.__wrapped__(seed=101), market.__wrapped__(seed=101), market(seed=102)
    keys = [data_digest(each) for each in (one, same, other)]
    assert open_source(one, "", keys[0]) is one
    assert open_source(same, "", keys[1]) is one
    assert open_source(other, "", keys[2]) is other
    assert open_source(same) is same


@pytest.mark.parametrize("name", ["no_such_data", "", "none.csv"])
def test_no_such_data(name):
    with pytest.raises(RegimeError):
        open_source(name)
