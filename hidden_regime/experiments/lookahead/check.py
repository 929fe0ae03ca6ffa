"""Does a strategy look ahead? Exact, for the engine is event driven: an earlier order mustn't know of a later bar."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from pathlib import Path

import numpy as np

from hidden_regime.exceptions import StudyError
from hidden_regime.experiments.checks import whole
from hidden_regime.experiments.lookahead.culprit import depends_on, sessions_after
from hidden_regime.experiments.lookahead.decisions import Decision
from hidden_regime.experiments.lookahead.finding import (
    CLEAN,
    GUILTY,
    LOOK_AHEAD,
    NOT_REPEATABLE,
    NOTHING,
    START_UP,
    UNDECIDED,
    Finding,
    Lookahead,
    Moment,
)
from hidden_regime.experiments.lookahead.future import CHANGED, CUT, Future
from hidden_regime.experiments.lookahead.pairs import is_twice
from hidden_regime.experiments.lookahead.traced import Job, Trace, closes, run_traced
from hidden_regime.experiments.search.base import check_seed
from hidden_regime.experiments.trials.digests import digest_of
from hidden_regime.experiments.trials.setup import Setup, make_setup
from hidden_regime.experiments.trials.source import Data, open_source
from hidden_regime.experiments.workers import Workers

HOWS = (CHANGED, CUT)
FEWEST_BEFORE = 40
"""Sessions before the strategy's start from which half may go to see what depends on them."""
MOST_FINDINGS = 5
Progress = Callable[[int, int], None]


def check_lookahead(
    strategy: str | Path,
    data: Data = None,
    *,
    parameters: Mapping[str, object] | None = None,
    start: date | None = None,
    end: date | None = None,
    cash: float | None = None,
    cuts: int = 5,
    seed: int = 0,
    workers: int | None = 1,
    backend: str = "loky",
    out: str | Path | None = None,
    progress: Progress | None = None,
) -> Lookahead:
    """Find orders that know what happens after them.

    The strategy runs once as it is. At sampled moments at which it sends orders the future is then cut off, and in another run
    changed: bars that end later, and the rows of dated files that the strategy reads by itself. No order, change or cancel up
    to the moment may differ, to the last bit.

    Parameters
    ----------
    strategy : str or Path
        A shipped template, a .py file written for LEAN, or its project's folder.
    data, parameters, start, end, cash
        As of `run_strategy`.
    cuts : int
        Moments. Look-ahead shows wherever the strategy acts on it, so that few are enough.
    seed : int
        Which moments, and how the future is changed.
    workers, backend
        As of `optimize`.
    out : str or Path, optional
        Folder for lookahead.json and a page.
    progress : callable, optional
        Told how many of how many runs are done.

    Returns
    -------
    Lookahead
        A sequence of findings, empty if there are none. What only depends on where the data begin is in `start_up`: an
        indicator that never quite forgets is no look-ahead.

    Raises
    ------
    StudyError
        The strategy fails over the data as they are, or these are of a kind that can't be hidden.
    RegimeError
        Whatever `run_strategy` raises.

    Notes
    -----
    What is found is certain; what isn't may hide where no moment was sampled, or in data that nobody can change from here: a
    network's answers, files without dates, libraries that open files in ways of their own. Files that aren't seen through are
    named in `notes`. Corporate events (splits, dividends, listings) stay as they are: LEAN's adjusted prices know them.

    Examples
    --------
    >>> from datetime import date
    >>> from hidden_regime.experiments import check_lookahead
    >>> found = check_lookahead("basic_regime_switching", end=date(2002, 12, 31), cuts=1)
    >>> found.verdict, len(found)
    ('clean', 0)
    """
    cuts = whole("cuts", cuts, "a whole number of moments of at least 1")
    check_seed(seed)
    setup = make_setup(strategy, data, parameters=parameters, start=start, end=end, cash=cash)
    if out is not None:
        from hidden_regime.experiments.lookahead.folder import expect_own

        expect_own(Path(out), identity_of(setup, cuts, seed))
    found = _check(setup, cuts, seed, Workers(workers, backend), progress or (lambda done, total: None))
    if out is not None:
        found.write(out)
    return found


def identity_of(setup: Setup, cuts: int, seed: int) -> str:
    """Digest of the question."""
    return digest_of("lookahead", setup.trial_key({}) or setup.source_key, cuts, seed)[:32]


def _check(setup: Setup, cuts: int, seed: int, pool: Workers, tell: Progress) -> Lookahead:
    market = open_source(setup.data, setup.stamp, setup.data_key)
    total = 2 + 2 * cuts
    first, second = _each(pool, [Job(setup), Job(setup)])
    tell(2, total)
    if first.error and not first.decisions:
        raise StudyError(f"{setup.name} fails over the data as they are: {first.error} Mend that first.")
    spec = _spec(setup, first, cuts, seed)
    made = partial(Lookahead, setup.name, spec, n_decisions=len(first.decisions), id=identity_of(setup, cuts, seed))
    other = _difference(first.decisions, second.decisions)
    if other is not None:
        return made(NOT_REPEATABLE, (_told(NOT_REPEATABLE, *other),), notes=_notes(first))
    close_of = closes(market)
    # A strategy that sends nothing may do so with another future.
    whenever = [close_of(day) for day in sessions_after(market, datetime.combine(first.start, datetime.min.time()), first.end)]
    sound = sorted({one.time for one in first.decisions if not is_twice(one.time)})
    times = sampled(sound or whenever, cuts, seed)
    if not times:
        return made(UNDECIDED, notes=_notes(first))
    futures = [Future(time, how, seed=seed) for time in times for how in HOWS]
    traces = []
    for trace in _each(pool, [Job(setup, future, first.end) for future in futures]):
        traces.append(trace)
        tell(2 + len(traces), 2 + len(futures))
    changed = [
        found for future, trace in zip(futures, traces, strict=True) if (found := _changed(first, trace, future)) is not None
    ]
    moments = tuple(Moment(t, len(first.until(t)), sum(one.hidden_from == t for one in changed)) for t in times)
    findings = _first_of_each_line(changed)
    if findings:
        findings = (depends_on(findings[0], setup, first, close_of, market, seed), *findings[1:])
    start_up, said = _start_up(setup, first)
    return made(GUILTY if findings else CLEAN, findings, start_up, moments, notes=(*_notes(first), *said))


def _spec(setup: Setup, first: Trace, cuts: int, seed: int) -> dict[str, object]:
    return {
        "strategy": setup.name, "parameters": dict(setup.base), "first": first.start.isoformat(), "last": first.end.isoformat(),
        "cash": setup.cash, "cuts": cuts, "seed": seed, "digests": {"strategy": setup.source_key, "data": setup.data_key},
    }  # fmt: skip


def sampled(times: Sequence[datetime], cuts: int, seed: int) -> list[datetime]:
    """As many moments from equal parts of a sequence, one drawn from each."""
    n = min(cuts, len(times))
    edges = [len(times) * i // n for i in range(n + 1)] if n else []
    rng = np.random.default_rng(seed)
    return [times[int(rng.integers(a, b))] for a, b in zip(edges, edges[1:], strict=False)]


def _each(pool: Workers, jobs: Sequence[Job]) -> Iterator[Trace]:
    def lost(job: Job) -> Trace:
        raise StudyError(f"the process that ran {job.setup.name} died twice: it may lack memory. Use workers=1.")

    return pool.map(run_traced, jobs, lost)


def _difference(ours: Sequence[Decision], others: Sequence[Decision]) -> tuple[Decision, str] | None:
    """The first decision that isn't the same, and what stands there instead."""
    for one, other in zip(ours, others, strict=False):
        if one.request != other.request:
            return (one, _asked(other, one)) if one.time <= other.time else (other, _asked(one, other))
    if len(ours) > len(others):
        return ours[len(others)], NOTHING
    return (others[len(ours)], "the run as it is sends nothing") if len(others) > len(ours) else None


def _asked(other: Decision, one: Decision) -> str:
    moment = "" if other.time == one.time else f" at {other.time:%Y-%m-%d %H:%M}"
    symbol = "" if other.symbol == one.symbol else f"{other.symbol} "
    return f"{symbol}{other.what}{moment}"


def _told(kind: str, one: Decision, instead: str, hidden_from: datetime | None = None) -> Finding:
    return Finding(kind, one.time, one.symbol, one.what, instead, one.place, one.code, one.price, hidden_from)


def _changed(first: Trace, trace: Trace, future: Future) -> Finding | None:
    """The first decision by the moment that is another without the future."""
    found = _difference(first.until(future.moment), trace.until(future.moment))
    if found is None:
        return None
    one, instead = found
    error = trace.failed_by(future.moment)
    if error and instead == NOTHING:
        instead = f"the run ends with: {error}"
    return _told(LOOK_AHEAD, one, instead, future.moment)


def _first_of_each_line(changed: Sequence[Finding]) -> tuple[Finding, ...]:
    """The earliest finding of each line, in order of time: of equal ones that of a changed future, which says more."""
    found: dict[tuple[str, str], Finding] = {}
    for one in sorted(changed, key=lambda one: (one.moment, one.instead.startswith("the run ends"))):
        found.setdefault((one.place, one.code), one)
    return tuple(sorted(found.values(), key=lambda one: one.moment)[:MOST_FINDINGS])


def _start_up(setup: Setup, first: Trace) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """What is decided otherwise, if the data before the strategy's start reach half as far back."""
    market = open_source(setup.data, setup.stamp, setup.data_key)
    days = sorted({day for ticker in first.tickers for day in _days_of(market, ticker) if day < first.start})
    if len(days) < FEWEST_BEFORE:
        return (), ()
    late = days[len(days) // 2]
    trace = run_traced(Job(setup, None, first.end, late))
    found = _difference(first.decisions, trace.decisions)
    if found is None:
        return (), (f"nothing changes if the data begin on {late} instead of {days[0]}",)
    return (replace(_told(START_UP, *found), known=datetime.combine(late, datetime.min.time())),), ()


def _days_of(market: object, ticker: str) -> list[date]:
    from hidden_regime.exceptions import NoDataError

    try:
        return list(market.load(ticker).dates)  # type: ignore[attr-defined]
    except NoDataError:
        return []


def _notes(first: Trace) -> tuple[str, ...]:
    said = [f"the run ends with an error, and decisions until then are compared: {first.error}"] if first.error else []
    if first.dated:
        said.append(f"the future of {_names(first.dated)}, which the strategy reads by itself, was hidden too")
    if first.other:
        said.append(f"{_names(first.other)}: no dates were found, so that its content was the same in all runs")
    return tuple(said)


def _names(paths: Sequence[str]) -> str:
    names = [Path(path).name for path in paths]
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
