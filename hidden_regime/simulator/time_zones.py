"""Names of time zones."""

from __future__ import annotations

from hidden_regime.simulator.spelling import TwoSpellings


class ZoneName(str):
    """A zone's name, where LEAN has an object of a class of its own: methods tell it from a text."""

    __slots__ = ()


class TimeZones(TwoSpellings):
    """Names of time zones.

    Examples
    --------
    >>> str(TimeZones.NEW_YORK)
    'America/New_York'
    """

    UTC = ZoneName("UTC")
    NEW_YORK, EASTERN_STANDARD = map(ZoneName, ("America/New_York", "UTC-05"))
    LONDON, ROME, MADRID, MOSCOW, MINSK = map(
        ZoneName, ("Europe/London", "Europe/Rome", "Europe/Madrid", "Europe/Moscow", "Europe/Minsk")
    )
    AMSTERDAM, ATHENS, BERLIN, BUCHAREST = map(
        ZoneName, ("Europe/Amsterdam", "Europe/Athens", "Europe/Berlin", "Europe/Bucharest")
    )
    DUBLIN, HELSINKI, ISTANBUL = map(ZoneName, ("Europe/Dublin", "Europe/Helsinki", "Europe/Istanbul"))
    PARIS, ZURICH = map(ZoneName, ("Europe/Paris", "Europe/Zurich"))
    HONG_KONG, TOKYO, JERUSALEM = map(ZoneName, ("Asia/Hong_Kong", "Asia/Tokyo", "Asia/Jerusalem"))
    SHANGHAI, KOLKATA = map(ZoneName, ("Asia/Shanghai", "Asia/Kolkata"))
    SYDNEY, BRISBANE, MELBOURNE = map(ZoneName, ("Australia/Sydney", "Australia/Brisbane", "Australia/Melbourne"))
    AUCKLAND, HONOLULU = map(ZoneName, ("Pacific/Auckland", "Pacific/Honolulu"))
    VANCOUVER, TORONTO, CHICAGO = map(ZoneName, ("America/Vancouver", "America/Toronto", "America/Chicago"))
    LOS_ANGELES, PHOENIX, ANCHORAGE = map(ZoneName, ("America/Los_Angeles", "America/Phoenix", "America/Anchorage"))
    DENVER, DETROIT, MEXICO_CITY = map(ZoneName, ("America/Denver", "America/Detroit", "America/Mexico_City"))
    BUENOS_AIRES, SAO_PAULO = map(ZoneName, ("America/Argentina/Buenos_Aires", "America/Sao_Paulo"))
    CAIRO, JOHANNESBURG = map(ZoneName, ("Africa/Cairo", "Africa/Johannesburg"))
