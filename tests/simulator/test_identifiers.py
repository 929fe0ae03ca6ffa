"""LEAN's identifiers of securities, and the standard ones that it finds by them."""

from __future__ import annotations

from datetime import date

import pytest

from hidden_regime.data import LeanFolder
from hidden_regime.exceptions import StrategyError, UnsupportedError
from hidden_regime.simulator.enums import SecurityType
from hidden_regime.simulator.objects import Symbol
from hidden_regime.simulator.objects.identifier import SecurityIdentifier
from tests.conftest import CASES

BODY = """
self.spy = self.add_equity("SPY", Resolution.DAILY).symbol
self.tlt = self.add_equity("TLT", Resolution.DAILY).symbol
self.seen = [self.spy.cusip, self.spy.CompositeFIGI, self.spy.sedol, self.spy.ISIN, self.spy.cik]
self.seen += [self.cusip(self.spy), self.composite_figi(self.spy), self.SEDOL(self.spy), self.isin(self.spy), self.CIK(self.spy)]
self.seen += [self.tlt.cusip, self.cik(self.tlt), self.isin(Symbol.create("SPY", SecurityType.EQUITY, Market.USA))]
"""


@pytest.mark.parametrize(
    ("ticker", "day", "text"),
    [
        ("SPY", date(1998, 1, 2), "SPY R735QTJ8XC9X"), ("goocv", date(2014, 3, 27), "GOOCV VP83T1ZUHROL"),
        ("FB", date(2012, 5, 18), "FB V6OIPNZEM8V9"), ("TSLA", date(2010, 6, 29), "TSLA UNU3P8Y3WFAD"), ("XAAA", None, "XAAA 2T"),
    ],
)  # fmt: skip
def test_identifiers_are_leans(ticker, day, text):
    """As they stand in LEAN's own sources and documentation."""
    made = SecurityIdentifier.of_equity(ticker, day)
    assert (str(made), made.symbol) == (text, ticker.upper())


def test_a_strategy_asks_symbols(play, tmp_path):
    for part in ("equity", "alternative"):
        (tmp_path / "data").mkdir(exist_ok=True)
        (tmp_path / "data" / part).symlink_to(CASES / "data" / part)
    spy = SecurityIdentifier.of_equity("SPY", date(2004, 1, 2))
    (tmp_path / "data" / "symbol-properties").mkdir()
    line = f"{spy},03783310,BBG000B9XRY4,2046251,US0378331005,320193\n"
    (tmp_path / "data" / "symbol-properties" / "security-database.csv").write_text(line)
    market = LeanFolder(tmp_path / "data", synthetic=True)
    expected = ["03783310", "BBG000B9XRY4", "2046251", "US0378331005", 320193]
    assert play(BODY, market=market).algorithm.seen == expected * 2 + [None, None, "US0378331005"]


def test_without_the_database_there_are_none(play):
    assert play(BODY).algorithm.seen == [None] * 13


def test_what_cannot_be_looked_up_says_so(play):
    with pytest.raises(UnsupportedError, match="by its ISIN exists in LEAN only"):
        play(BODY + 'self.isin("US0378331005")')
    with pytest.raises(StrategyError, match=r"Ask security\.symbol"):
        _ = Symbol("SPY").cusip


def test_symbols_are_made_with_the_class_of_their_data_and_without_aliases():
    made = Symbol.create("MINE", SecurityType.BASE, "usa", None, dict)
    assert (made.value, made.security_type, made) == ("MINE", SecurityType.BASE, Symbol("MINE", SecurityType.BASE))
    with pytest.raises(UnsupportedError, match=r"alias='M': it exists in LEAN only\. Keep the symbol in a variable"):
        Symbol.create("MINE", SecurityType.EQUITY, "usa", "M")
