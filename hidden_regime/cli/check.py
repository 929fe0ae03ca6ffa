"""The `lean-check` command: a strategy against LEAN, read or run."""

from __future__ import annotations

from pathlib import Path

from hidden_regime.cli import options
from hidden_regime.cli.messages import say
from hidden_regime.data import packaged
from hidden_regime.data.market import MarketData
from hidden_regime.exceptions import RegimeError, UnknownDataError
from hidden_regime.simulator.comparison import cases_in, check, results_in
from hidden_regime.simulator.static import check_file

COLORS = {"error": "red", "warning": "yellow", "lean-only": "cyan"}


def static(path: Path) -> bool:
    """Print what a reading of a strategy finds. Whether LEAN would run it as it says."""
    found = check_file(path)
    for finding in found:
        say(f"{path}:{finding.line}: {finding.kind}: {finding.message}", COLORS[finding.kind])
    counts = {kind: sum(1 for finding in found if finding.kind == kind) for kind in COLORS}
    said = ", ".join(f"{n} {kind}{'s' if n != 1 and kind != 'lean-only' else ''}" for kind, n in counts.items() if n)
    say(f"{path}: {said or 'nothing found'}.")
    return not counts["error"]


def compare(target: Path, strategy: Path | None, data: str | None, parameters: list[str]) -> bool:
    """Print where runs of the embedded engine differ from LEAN's. Whether they don't."""
    market = packaged.open_market(data or str(_data_beside(target)))
    given = options.parse_parameters(parameters)
    if not target.is_dir() or results_in(target):
        return _compare(target, market, strategy, given)
    cases = cases_in(target)
    if not cases:
        raise UnknownDataError(
            f"{target} holds neither results nor cases: expected the folder that LEAN wrote (NAME.json, NAME-order-events.json, "
            "NAME-log.txt), or a folder of cases (.json, .json.xz, .json.gz)."
        )
    equal = 0
    for case in cases:
        say(f"{case.name}: ", nl=False)
        try:
            equal += _compare(case, market, strategy, given)
        except RegimeError as error:
            say(f"error: {error}", "red")
    say(f"{equal} of {len(cases)} cases are equal.")
    return equal == len(cases)


def _data_beside(target: Path) -> Path:
    for folder in target.resolve().parents:
        if (folder / "data" / "equity").is_dir():
            return folder / "data"
    raise UnknownDataError(f"no folder 'data' lies above {target}: expected the data that LEAN had. Name them: --data FOLDER.")


def _compare(target: Path, market: MarketData, strategy: Path | None, parameters: dict[str, str]) -> bool:
    found = check(target, market, strategy=strategy, parameters=parameters)
    orders, lines = len(found.lean["orders"]), len(found.lean["log"])
    if found.equal:
        say(f"equal: {orders} orders, {len(found.lean['equity'])} equity samples, {lines} log lines.", "green")
        return True
    n = len(found.differences)
    said = "1 part differs" if n == 1 else f"{n} parts differ; this is the first difference of each"
    say(f"{said}. LEAN's run has {orders} orders and {lines} log lines.", "red")
    for text in found.differences:
        say(text)
    return False
