"""Proof that a bundle does what its strategy does: both run, each in a process of its own, and the orders are compared."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from hidden_regime.bundle.imports import ROOT
from hidden_regime.bundle.pins import PINS
from hidden_regime.data.packaged import names
from hidden_regime.exceptions import StrategyError

ENGINE = ("simulator", "data", "bars", "files", "exceptions.py")
"""What the embedded engine is made of: it knows nothing of regimes, so it can be had under another name."""


class Proof(NamedTuple):
    """What two runs gave: the number of orders, where they differ, and under which versions the bundle ran.

    `problems` is empty where the bundle did as its strategy did.
    """

    orders: int
    problems: tuple[str, ...]
    versions: dict[str, str]


def prove(strategy: str | Path, bundle: str | Path, *, data: str | None = None, parameters: Mapping[str, str] | None = None,
          python: str | Path | None = None, synthetic: Mapping[str, Any] | None = None,
          store: str | Path | None = None) -> Proof:  # fmt: skip
    """Run a strategy here and its bundle in a clean process, and compare their orders.

    The bundle's process is isolated and sees the bundle instead of this package: the embedded engine is there under another
    name, as LEAN would be.

    Parameters
    ----------
    strategy, bundle : str or Path
        The file, and the folder that `write_bundle` made of it.
    data : str, optional
        A packaged set, a LEAN data folder or a file of prices; by default the synthetic market.
    parameters : mapping of str to str, optional
        Of the strategy.
    python : str or Path, optional
        Interpreter for the bundle's run, by default this one. It needs numpy, pandas, scipy, numba and exchange-calendars.
    synthetic : mapping, optional
        Of `make_market`, for the synthetic market.
    store : str or Path, optional
        Folder of an object store, of which each run gets a copy.

    Returns
    -------
    Proof

    Raises
    ------
    StrategyError
        A process that didn't come to an end of its own.
    """
    market = {"n_days": 900} | dict(synthetic or {})
    if data is not None and data not in names():  # the processes run in folders of their own
        data = str(Path(data).resolve())
    given = {"data": data, "parameters": dict(parameters or {}), "packages": list(PINS), "synthetic": market}
    folder = Path(bundle).resolve()
    with tempfile.TemporaryDirectory(prefix="hidden-regime-bundle-") as room:
        engine = Path(room) / "engine"
        stores = dict.fromkeys(("strategy", "bundle"), "")
        for what in stores if store is not None else ():
            stores[what] = str(shutil.copytree(Path(str(store)), Path(room) / f"store-{what}"))
        copy_engine(engine / "hidden_engine")
        here = {"strategy": str(Path(strategy).resolve()), "paths": [str(ROOT.parent)], "engine": "hidden_regime", "only": "",
                "store": stores["strategy"]}  # fmt: skip
        there = {"strategy": str(folder / "main.py"), "paths": [str(folder), str(engine)], "engine": "hidden_engine",
                 "only": str(folder), "store": stores["bundle"]}  # fmt: skip
        ours = _run(Path(sys.executable), given | here, Path(room), "strategy")
        bundled = _run(Path(sys.executable if python is None else python), given | there, Path(room), "bundle")
    problems = [f"{what}: {found['error']}" for what, found in (("strategy", ours), ("bundle", bundled)) if found["error"]]
    problems += [f"the bundle took {name} from outside" for name in bundled["foreign"]]
    problems += _differences(ours["orders"], bundled["orders"])
    versions = {"python": bundled["python"], **{name: version for name, version in bundled["versions"].items() if version}}
    return Proof(len(ours["orders"]), tuple(problems), versions)


def _differences(ours: list[list[Any]], bundled: list[list[Any]]) -> list[str]:
    if not ours:
        return ["the strategy placed no order, so nothing is proved: give other data or parameters"]
    for n, (a, b) in enumerate(zip(ours, bundled, strict=False)):
        if a != b:
            return [f"order {n + 1} of {len(ours)} differs: the strategy's is {a}, the bundle's {b}"]
    return [] if len(ours) == len(bundled) else [f"the strategy placed {len(ours)} orders, the bundle {len(bundled)}"]


def copy_engine(folder: Path) -> None:
    """The engine under the name of a package of its own."""
    folder.mkdir(parents=True)
    for name in ENGINE:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    (folder / "__init__.py").write_text('"""The embedded engine by itself."""\n', encoding="utf-8")
    for path in folder.rglob("*.py"):
        path.write_text(path.read_text(encoding="utf-8").replace("hidden_regime", "hidden_engine"), encoding="utf-8")


def _run(python: Path, given: Mapping[str, Any], room: Path, what: str) -> dict[str, Any]:
    orders, answer = room / f"{what}.json", room / f"{what}-answer.json"
    orders.write_text(json.dumps(given), encoding="utf-8")
    runner = Path(__file__).with_name("runner.py")
    command = [str(python), "-I", "-B", str(runner), str(orders), str(answer)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=room)
    except OSError as error:
        raise StrategyError(f"{python} can't be run ({error.strerror}): expected a Python interpreter.") from None
    if done.returncode or not answer.is_file():
        raise StrategyError(f"the {what}'s process failed:\n{done.stderr.strip() or done.stdout.strip()}")
    found: dict[str, Any] = json.loads(answer.read_text(encoding="utf-8"))
    return found
