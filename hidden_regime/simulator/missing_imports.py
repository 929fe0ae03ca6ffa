"""A hint for the commonest slip of a strategy file: LEAN's names, without the line that brings them."""

from __future__ import annotations

import re
from pathlib import Path

from hidden_regime.simulator.lean_names import QC_CLASSES

LINE = "from AlgorithmImports import *"
ALSO = frozenset({"date", "datetime", "json", "math", "np", "pd", "time", "timedelta"})
"""Of Python's, what that line brings along."""
_IMPORTED = re.compile(r"^[ \t]*(from|import)\s+AlgorithmImports\b", re.MULTILINE)


def import_hint(error: BaseException | None, path: Path) -> str:
    """What to write where a name of LEAN's isn't defined because the file doesn't import it; empty for other errors."""
    if not isinstance(error, NameError) or error.name not in QC_CLASSES | ALSO:
        return ""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""
    if _IMPORTED.search(text):
        return ""
    return (
        f"{error.name} comes with LEAN's names, which {path.name} doesn't import: write `{LINE}` at its top. LEAN needs it too."
    )
