"""A client of the server that the environment names: QuantConnect's, or one to practise on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from hidden_regime.cloud.client import QuantConnect
from hidden_regime.cloud.transport import BASE

ADDRESS = "QC_API_URL"
"""The environment's name for the base address of the API."""
LOCAL_PACE = 6000.0
"""Requests a minute to a server on this machine, which nobody else uses."""


def open_client(server: str | None = None, environment: Mapping[str, str] | None = None) -> QuantConnect:
    """A client with the credentials of the environment or of lean-cli's file.

    Parameters
    ----------
    server : str, optional
        Base address. Default: what QC_API_URL says, else QuantConnect's.
    environment : mapping, optional
        Default: the process's.
    """
    environment = os.environ if environment is None else environment
    base = server or environment.get(ADDRESS, "").strip() or BASE
    options: dict[str, Any] = {} if base.startswith("https:") else {"requests_per_minute": LOCAL_PACE}
    return QuantConnect(base_url=base, **options)
