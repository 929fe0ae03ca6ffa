"""Where trials and tapes are kept between studies."""

from __future__ import annotations

import os
from pathlib import Path

ENVIRONMENT = "HIDDEN_REGIME_CACHE"


def cache_folder() -> Path:
    """Folder of HIDDEN_REGIME_CACHE, or `hidden-regime` in the user's folder for caches."""
    given = os.environ.get(ENVIRONMENT, "").strip()
    if given:
        return Path(given)
    base = os.environ.get("XDG_CACHE_HOME", "").strip() or os.environ.get("LOCALAPPDATA", "").strip()
    return (Path(base) if base else Path.home() / ".cache") / "hidden-regime"
