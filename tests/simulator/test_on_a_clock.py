"""What a run on a clock, whose days are New York's and whose bars come as they arrive, doesn't take."""

from __future__ import annotations

import pytest

from hidden_regime.exceptions import UnsupportedError

BELL = """
class Bell(PythonData):
    def get_source(self, config, date, is_live):
        return SubscriptionDataSource("bell.csv", SubscriptionTransportMedium.OBJECT_STORE)
"""


class Never:
    """A pace of a run that doesn't get as far as to wait."""

    def reach(self, time):
        raise AssertionError(time)

    complete = done = reach


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("self.add_crypto('BTCUSD', Resolution.DAILY)", r"add_crypto\('BTCUSD'\) in a run on a clock: expected US equities"),
        ("self.add_forex('EURUSD', Resolution.DAILY)", r"add_forex\('EURUSD'\) in a run on a clock"),
        ("self.set_time_zone('Europe/Berlin')", "set_time_zone in a run on a clock"),
        ("self.set_account_currency('EUR')", r"set_account_currency\('EUR'\) in a run on a clock"),
        (
            "self.add_universe(lambda data: [])",
            "universe 'FundamentalUniverse' in a run on a clock: expected universes chosen by",
        ),
        ("self.add_universe(Bell, 'bell', lambda rows: [])", "universe 'bell' in a run on a clock"),
    ],
)
def test_what_it_cannot_drive_is_refused(play, line, words):
    with pytest.raises(UnsupportedError, match=words):
        play(line, top=BELL, pace=Never())
