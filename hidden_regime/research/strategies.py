"""From a name to a strategy file, and the parameters that a data set supplies."""

from __future__ import annotations

from datetime import date
from importlib.util import find_spec
from pathlib import Path

from hidden_regime.data.lean_folder import LeanFolder
from hidden_regime.data.market import MarketData
from hidden_regime.data.offers import close_to
from hidden_regime.exceptions import EmptyRangeError, ParameterError, UnknownStrategyError
from hidden_regime.files.paths import given_path
from hidden_regime.research import projects

SESSIONS_BEFORE = 260
"""Sessions left before the default start, so that the first window is full when trading begins."""


def template_folder() -> Path:
    """Folder of the shipped templates."""
    found = find_spec("quantconnect_templates")
    assert found is not None and found.submodule_search_locations
    return Path(next(iter(found.submodule_search_locations)))


def template_names() -> list[str]:
    """Names of the shipped templates."""
    return sorted(p.stem for p in template_folder().glob("*.py") if not p.stem.startswith("_"))


def find_strategy(name: str) -> Path:
    """File of a template's name, of a path, or of a project's folder."""
    if name in template_names():
        return template_folder() / f"{name}.py"
    path = given_path("STRATEGY", name)
    if path.is_dir():
        return projects.main_file(path)
    if path.suffix != ".py" or not path.is_file():
        raise UnknownStrategyError(
            f"strategy {name!r}: neither a shipped template ({', '.join(template_names())}) nor an existing .py file or "
            f"project folder.{close_to(path.stem, template_names())}"
        )
    return path


def pair_of(option: str, text: str) -> tuple[str, str]:
    """Name and value of an option such as -p fast=10."""
    name, mark, value = (part.strip() for part in text.partition("="))
    if not mark or not name:
        raise ParameterError(option, text, f"name=value{', such as -p n_states=2' if option == '-p' else ''}")
    return name, value


def market_parameters(market: MarketData, start: date | None, end: date | None) -> dict[str, str]:
    """What a packaged set or files say of themselves: assets, defensive assets, first and last day to trade.

    A LEAN folder says nothing: there a strategy runs as it does in LEAN.
    """
    if isinstance(market, LeanFolder):
        return {}
    loaded = [market.load(ticker) for ticker in market.assets]
    first, last = max(a.dates[0] for a in loaded), min(a.dates[-1] for a in loaded)
    if first > last:
        raise EmptyRangeError(
            f"the assets {', '.join(market.assets)} have no day in common: choose some of them with -p assets=..., or other data."
        )
    longest = max(loaded, key=lambda a: len(a.dates))
    days = [day for day in longest.dates if day >= first]
    begin = start or days[min(SESSIONS_BEFORE, len(days) - 1)]
    return {
        "assets": ",".join(t for t in market.assets if t not in market.defensive),
        "defensive": ",".join(market.defensive),
        "start": begin.isoformat(),
        "end": (end or last).isoformat(),
    }
