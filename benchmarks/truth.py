"""How often the last bar is given its true regime, where that is known: every default against every alternative, in one run.

Three parts: the reference market, with filters that know the truth; simulated kinds of markets; markets without regimes.
"""

from __future__ import annotations

import argparse
import csv
import sys
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from time import process_time
from typing import Any, NamedTuple

from benchmarks.kinds import WITH_REGIMES, WITHOUT
from benchmarks.truths import reference, tables
from benchmarks.truths.measures import Score
from benchmarks.truths.oracle import ASSETS
from benchmarks.truths.rivals import always_bull, features, hmmlearn_labels
from benchmarks.truths.series import detect, scored, series_of
from benchmarks.truths.variants import DEFAULTS, QUICK, VARIANTS
from benchmarks.truths.without import Seen, look, said_no
from hidden_regime.exceptions import NoRegimesWarning

HMMLEARN, BULL = "hmmlearn, 1008, with range", "always Bull"
LOOKBACK = 1008
QUICK_KINDS = ("as the reference", "long regimes")
SEEDS = range(6)
JOBS = 2


class Plan(NamedTuple):
    """What is run: rows of each table, assets, kinds and seeds."""

    tickers: Sequence[str]
    reference_rows: Sequence[str]
    last: int
    kinds: Sequence[str]
    rows: Sequence[str]
    without: Sequence[str]
    seeds: Sequence[int]


def plan(quick: bool, seeds: Sequence[int]) -> Plan:
    """Everything, or what takes less than a minute."""
    if quick:
        return Plan(["SPY"], reference.QUICK_ROWS, reference.QUICK_LAST, QUICK_KINDS, [*QUICK, BULL], [*WITHOUT][:1], seeds[:2])
    rows = [*VARIANTS, HMMLEARN, BULL]
    return Plan([*ASSETS], reference.ROWS, reference.LAST, [*WITH_REGIMES], rows, [*WITHOUT], seeds)


def measure(task: tuple[str, int, str]) -> Score:
    """One row of the table of kinds, on one series: kind, seed and row."""
    kind, seed, row = task
    series = series_of(kind, seed)
    if row in VARIANTS:
        return detect(series, VARIANTS[row], said_no)
    if row == BULL:
        return scored(series, always_bull(len(series.truth), series.n_states))
    begin = process_time()
    found, moved = hmmlearn_labels(features(series.frame), series.frame.index, series.n_states, series.begin, LOOKBACK)
    return scored(series, found, moved=moved, seconds=process_time() - begin)


def measure_reference(task: tuple[str, int, str]) -> Score:
    """One row of the reference market's table, for one asset up to a bar."""
    ticker, last, row = task
    return reference.measure(ticker, row, last)


def measure_without(task: tuple[str, int]) -> Seen:
    """What one market without regimes shows."""
    return look(*task)


def run_all(work: Callable[[Any], Any], tasks: Sequence[Any], jobs: int) -> dict[Any, Any]:
    """Results by task; where there are several processes each gets the next task when it is free."""
    if jobs == 1:
        return {task: work(task) for task in tasks}
    out = {}
    with ProcessPoolExecutor(jobs) as pool:
        for task, result in zip(tasks, pool.map(work, tasks), strict=True):
            out[task] = result
            if len(out) % 50 == 0 or len(out) == len(tasks):
                print(f"{len(out)} of {len(tasks)}", file=sys.stderr, flush=True)
    return out


def show_reference(todo: Plan, jobs: int) -> tables.ByRow:
    """Measure and print the reference market."""
    found = run_all(measure_reference, [(t, todo.last, row) for row in todo.reference_rows for t in todo.tickers], jobs)
    by_row = {row: {"reference": [found[t, todo.last, row] for t in todo.tickers]} for row in todo.reference_rows}
    _print(tables.reference_table(by_row, todo.tickers, todo.last))
    return by_row


def show_kinds(todo: Plan, jobs: int) -> tables.ByRow:
    """Measure and print the simulated kinds."""
    found = run_all(measure, [(kind, seed, row) for kind in todo.kinds for seed in todo.seeds for row in todo.rows], jobs)
    by_row = {row: {kind: [found[kind, seed, row] for seed in todo.seeds] for kind in todo.kinds} for row in todo.rows}
    for lines in (tables.kinds_table(by_row, todo.seeds), tables.defaults_table(by_row), tables.right_table(by_row)):
        _print(lines)
    return by_row


def show_without(todo: Plan, jobs: int) -> None:
    """Measure and print the markets without regimes."""
    found = run_all(measure_without, [(kind, seed) for kind in todo.without for seed in todo.seeds], jobs)
    _print(tables.without_table({kind: [found[kind, seed] for seed in todo.seeds] for kind in todo.without}))


def main(quick: bool = False, jobs: int = JOBS, seeds: Sequence[int] = SEEDS, out: Path | None = None) -> bool:
    """Print the tables; whether the defaults met their goal."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", NoRegimesWarning)  # a column says so
        return _show(quick, 1 if quick else jobs, seeds, out)


def _show(quick: bool, jobs: int, seeds: Sequence[int], out: Path | None) -> bool:
    todo = plan(quick, seeds)
    print("SYNTHETIC markets; the last bar's label as a trader sees it, of detectors that see nothing later")
    of_reference = show_reference(todo, jobs)
    of_kinds = show_kinds(todo, jobs)
    show_without(todo, jobs)
    if out is not None:
        with out.open("w", newline="") as target:
            writer = csv.writer(target, lineterminator="\n")
            writer.writerow(tables.FILE_HEAD)
            writer.writerows([*tables.rows_of(of_reference), *tables.rows_of(of_kinds)])
    return reference.meets_goal(DEFAULTS, of_reference[DEFAULTS]["reference"])


def seeds_of(text: str) -> range:
    """Seeds "A-B", both included, or one."""
    first, _, last = text.partition("-")
    if not first.isdigit() or not (last or first).isdigit() or int(last or first) < int(first):
        raise argparse.ArgumentTypeError(f"{text!r}: expected seeds from a first to a last, such as 0-5")
    return range(int(first), int(last or first) + 1)


def jobs_of(text: str) -> int:
    """A number of processes."""
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a number of processes, 1 or more")
    return int(text)


def command(arguments: Sequence[str]) -> int:
    """What a terminal asks for; 1 where the defaults miss their goal."""
    parser = argparse.ArgumentParser("python -m benchmarks truth", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="a few rows, one asset, two kinds, one process: below a minute")
    parser.add_argument("--jobs", type=jobs_of, default=JOBS, help="processes at a time")
    parser.add_argument("--seeds", type=seeds_of, default=SEEDS, metavar="A-B", help="seeds of the simulated kinds")
    parser.add_argument("--out", type=Path, help="CSV file for the numbers of every series with regimes")
    given = parser.parse_args(arguments)
    return 0 if main(given.quick, given.jobs, given.seeds, given.out) else 1


def _print(lines: Sequence[str]) -> None:
    print("", *lines, sep="\n", flush=True)
