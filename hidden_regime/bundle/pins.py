"""An environment with the versions that LEAN has."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from hidden_regime.exceptions import MissingDependencyError

PYTHON = (3, 11)
PINS = {
    "numpy": "1.26.4", "pandas": "2.3.3", "scipy": "1.13.1", "numba": "0.61.2", "exchange-calendars": "4.11.1",
    "scikit-learn": "1.6.1",
}  # fmt: skip
"""What a strategy with regimes meets in LEAN's image, as far as it and the embedded engine need it."""

HELP = "Make an environment with Python 3.11 and these packages yourself, and name its interpreter: --python PATH."


def differing(versions: Mapping[str, str]) -> list[str]:
    """Packages whose versions are not LEAN's."""
    other = {name: versions.get(name) or "missing" for name, pin in PINS.items() if versions.get(name) != pin}
    return [f"{name} {version}, LEAN has {PINS[name]}" for name, version in other.items()]


def pinned_python(cache: Path | None = None) -> Path:
    """Interpreter of an environment with LEAN's versions; it is made once, with pip, and kept.

    Parameters
    ----------
    cache : Path, optional
        Where to keep it; default: `hidden-regime` in the user's cache folder.

    Raises
    ------
    MissingDependencyError
        This Python is not 3.11, or the packages can't be had.
    """
    wanted = [f"{name}=={version}" for name, version in PINS.items()]
    if sys.version_info[:2] != PYTHON:
        here = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise MissingDependencyError(f"LEAN has Python {PYTHON[0]}.{PYTHON[1]}, this is {here}. {HELP} ({', '.join(wanted)})")
    base = cache or Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "hidden-regime"
    folder = base / f"lean-{hashlib.sha256(' '.join(wanted).encode()).hexdigest()[:12]}"
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    ready = folder / "ready"
    if not ready.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        for command in ([sys.executable, "-m", "venv", str(folder)], [str(python), "-m", "pip", "install", "-q", *wanted]):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                last = (done.stderr.strip().splitlines() or ["no message"])[-1]
                raise MissingDependencyError(f"LEAN's versions can't be installed into {folder} ({last}). {HELP}")
        ready.write_text("\n".join(wanted) + "\n", encoding="utf-8")
    return python
