"""LEAN's class `Globals`: where a run's data are."""

from __future__ import annotations


class Globals:
    """Folders."""

    data_folder = DataFolder = ""
