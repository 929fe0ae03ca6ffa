"""How long bars are."""

from datetime import timedelta

from hidden_regime.simulator.enums import Resolution

DAY, HOUR, MINUTE, SECOND = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1), timedelta(seconds=1)
LENGTHS = {Resolution.DAILY: DAY, Resolution.HOUR: HOUR, Resolution.MINUTE: MINUTE, Resolution.SECOND: SECOND}
"""Of the resolutions that the engine has bars of, the longest first."""
