"""LEAN's classes `LeanData` and `Compression`: names of files, and packing."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from hidden_regime.simulator.enums import Resolution
from hidden_regime.simulator.spelling import TwoSpellings

WHOLE = (Resolution.DAILY, Resolution.HOUR)
KINDS = ("trade", "quote", "openinterest")
EARLIEST = (1980, 1, 1, 0, 0, 0)
"""What a zip says that a member is of: equal contents are equal files."""


class LeanData(TwoSpellings):
    """Static functions."""

    @staticmethod
    def generate_zip_file_name(symbol: Any, date: datetime, resolution: Resolution, tick_type: Any = 0, *rest: Any) -> str:
        """Name of the zip that holds a symbol's data: its ticker, or a day and a kind of data within the day."""
        if Resolution(resolution) in WHOLE:
            return f"{getattr(symbol, 'value', symbol).lower()}.zip"
        return f"{date:%Y%m%d}_{KINDS[int(tick_type)]}.zip"

    @staticmethod
    def generate_zip_file_path(
        data_directory: str, symbol: Any, date: datetime, resolution: Resolution, tick_type: Any = 0
    ) -> str:
        """Where that zip stands below a data folder."""
        kind = Resolution(resolution)
        name = LeanData.generate_zip_file_name(symbol, date, kind, tick_type)
        inside = "" if kind in WHOLE else f"{symbol.value.lower()}/"
        return f"{data_directory}/{symbol.security_type.name.lower()}/usa/{kind.name.lower()}/{inside}{name}"

    @staticmethod
    def generate_zip_entry_name(symbol: Any, date: datetime, resolution: Resolution, tick_type: Any = 0) -> str:
        """Name of the text inside it."""
        kind = Resolution(resolution)
        name = symbol.value.lower()
        return f"{name}.csv" if kind in WHOLE else f"{date:%Y%m%d}_{name}_{kind.name.lower()}_{KINDS[int(tick_type)]}.csv"


class Compression(TwoSpellings):
    """Static functions."""

    @staticmethod
    def zip_bytes(bytes: Iterable[int], zip_entry_name: str) -> Any:
        """A zip with some bytes under a name."""
        held = io.BytesIO()
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr(zipfile.ZipInfo(zip_entry_name, EARLIEST), bytearray(bytes))
        return held.getvalue()

    @staticmethod
    def unzip_data(zip_data: Iterable[int]) -> dict[str, str]:
        """Texts of a zip by name."""
        with zipfile.ZipFile(io.BytesIO(bytearray(zip_data))) as archive:
            return {name: archive.read(name).decode("utf-8-sig") for name in archive.namelist()}
