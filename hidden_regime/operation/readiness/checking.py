"""Runs what can be run of what a strategy has to have passed before it trades."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from hidden_regime.data.market import MarketData
from hidden_regime.data.packaged import DEFAULT, open_market
from hidden_regime.exceptions import ParameterError, RegimeError
from hidden_regime.experiments.lookahead.check import check_lookahead
from hidden_regime.experiments.reading import read_experiment
from hidden_regime.experiments.simulation.simulation import Simulation
from hidden_regime.experiments.trials.digests import strategy_digest
from hidden_regime.experiments.walk_forward_result import WalkForward
from hidden_regime.files.text import text_in
from hidden_regime.operation.readiness import idea
from hidden_regime.operation.readiness.proof import Proof, failed, not_done, passed
from hidden_regime.operation.readiness.rehearsal import rehearse
from hidden_regime.operation.readiness.stress import stress
from hidden_regime.research import projects, strategies
from hidden_regime.simulator.failures import describe
from hidden_regime.simulator.run import run_file
from hidden_regime.simulator.run_state import run_state_of

ROBUST = "robust"
RULES = "rules.toml"


def ready(strategy: str, data: str, *, start: date, end: date, walk_forward: Path | None = None, monte_carlo: Path | None = None,
          rules: str | None = None, parameters: Mapping[str, str] | None = None,
          tell: Callable[[Proof], None] = lambda proof: None) -> list[Proof]:  # fmt: skip
    """Try a strategy.

    Parameters
    ----------
    strategy, data : str
        As a backtest takes them.
    start, end : date
        Days for the look-ahead check, the guards and the rehearsal, which takes the last of them.
    walk_forward, monte_carlo : Path, optional
        Folders of finished experiments; which take long, and so are not begun here.
    rules : str, optional
        Text of a rules.toml; by default that beside the strategy.
    parameters : mapping of str to str, optional
    tell : callable
        Told of each proof as it is there.

    Returns
    -------
    list of Proof

    Raises
    ------
    RegimeError
        There is no such strategy, no such data, or none of these days.
    """
    path = strategies.find_strategy(strategy)
    market = open_market(data)
    days = [day for day in _days_of(market) if start <= day <= end]
    if not days:
        raise ParameterError("start", start, f"days of {data} until {end}", "Choose others with --start and --end.")
    told = _told_by(market) | dict(parameters or {})
    text = rules if rules is not None else _beside(path)
    out: list[Proof] = []

    def note(*found: Proof) -> None:
        for one in found:
            out.append(one)
            tell(one)

    lacking = idea.missing(path.parent)
    note(
        failed("idea", f"{idea.FILE} says nothing of: {', '.join(lacking)}")
        if lacking
        else passed("idea", "every question is answered")
    )
    note(*_tried("look-ahead", lambda: [_lookahead(strategy, data, start, end, told)]))
    note(_walk_forward(walk_forward, path), _monte_carlo(monte_carlo, path))
    note(*_tried("fees", lambda: [_fees(path, market, start, end, told)]))
    note(*_tried("guards", lambda: stress(path, market, text, start=start, end=end, parameters=told)))
    note(*_tried("rehearsal", lambda: rehearse(strategy, data, start=days[-min(len(days), 6)], parameters=told, rules=text)))
    return out


def rehearse_as_asked(
    path: Path, data: str | None, *, start: date | None, sessions: int, cash: float | None, parameters: Mapping[str, str],
    rules: str | None,
) -> list[Proof]:  # fmt: skip
    """A rehearsal with what the data and the folder say where nothing was asked for: assets, the last days, rules.

    Raises
    ------
    RegimeError
    """
    chosen = DEFAULT if data is None else data
    market = open_market(chosen)
    days = [day for day in _days_of(market) if day <= last_day(market)]
    first = days[-min(len(days), sessions + 1)] if start is None else start
    text, told = rules if rules is not None else _beside(path), _told_by(market) | dict(parameters)
    return rehearse(str(path), chosen, start=first, sessions=sessions, cash=cash, parameters=told, rules=text)


def last_day(market: MarketData) -> date:
    """The last day that all assets of a market have; of a LEAN folder, any."""
    told = strategies.market_parameters(market, None, None).get("end")
    return _days_of(market)[-1] if told is None else date.fromisoformat(told)


def _days_of(market: MarketData) -> list[date]:
    return sorted({day for ticker in market.tickers() for day in market.load(ticker).dates})


def _told_by(market: MarketData) -> dict[str, str]:
    """Parameters of a strategy that its data tell."""
    return {k: v for k, v in strategies.market_parameters(market, None, None).items() if k not in ("start", "end")}


def _beside(path: Path) -> str:
    rules = path.parent / RULES
    return text_in("rules", rules) if rules.is_file() else ""


def _tried(name: str, call: Callable[[], list[Proof]]) -> list[Proof]:
    """What a check finds; one that can't be made has failed."""
    try:
        return call()
    except RegimeError as error:
        return [failed(name, error.text)]


def _lookahead(strategy: str, data: str, start: date, end: date, parameters: Mapping[str, str]) -> Proof:
    found = check_lookahead(strategy, data, start=start, end=end, parameters=dict(parameters))
    if len(found):
        return failed("look-ahead", f"{len(found)} orders know the future: {found[0]}")
    return passed("look-ahead", "no order changed where the future was cut off or changed")


def _fees(path: Path, market: MarketData, start: date, end: date, parameters: Mapping[str, str]) -> Proof:
    """Whether somebody has confirmed that the fee model of the backtest is the broker's."""
    run = run_file(path, market, start=start, end=end, parameters=parameters)
    if run.error is not None:
        return failed("fees", f"the strategy failed: {describe(run.error)}")
    core = run_state_of(run.algorithm)
    names = sorted({type(security.fee_model).__name__ for security in core.securities.values()})
    paid = sum(float(event.order_fee.value.amount) for event in core.book.events)
    told = f"{', '.join(names)}, ${paid:,.2f} for {len(core.book.orders)} orders"
    if not names:
        return failed("fees", "the strategy asks for no security, and so pays no fees")
    said = idea.sections(path.parent).get("broker and fees", "")
    if all(name in said for name in names):
        return passed("fees", f"{told}; idea.md says that it is the broker's")
    return failed("fees", f"{told}: idea.md does not say under 'Broker and fees' that {' and '.join(names)} is the broker's")


def _walk_forward(folder: Path | None, path: Path) -> Proof:
    if folder is None:
        return not_done("walk-forward", "hidden-regime walk-forward, then --walk-forward FOLDER")
    try:
        found = read_experiment(folder)
    except RegimeError as error:
        return failed("walk-forward", error.text)
    if not isinstance(found, WalkForward) or found.figures is None:
        return failed("walk-forward", f"{folder} is no walk-forward that had a winner")
    if found.spec["digests"]["strategy"] != strategy_digest(path, projects.library_folders(path)):
        return failed("walk-forward", f"{folder} is of {found.spec['strategy']} with other files than these: walk forward anew")
    answer = found.figures.verdict.answer
    return passed("walk-forward", answer) if answer == ROBUST else failed("walk-forward", f"the verdict is {answer!r}")


def _monte_carlo(folder: Path | None, path: Path) -> Proof:
    if folder is None:
        return not_done("monte-carlo", "hidden-regime monte-carlo, then --monte-carlo FOLDER")
    try:
        found = read_experiment(folder)
    except RegimeError as error:
        return failed("monte-carlo", error.text)
    if not isinstance(found, Simulation):
        return failed("monte-carlo", f"{folder} is no simulation")
    if found.spec["name"] != projects.name_of(path):
        return failed("monte-carlo", f"{folder} is of {found.spec['name']}, and this is {projects.name_of(path)}")
    return passed("monte-carlo", f"{folder}: its page says how far it may fall by luck alone")
