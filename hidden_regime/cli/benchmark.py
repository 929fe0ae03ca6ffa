"""`hidden-regime benchmark`: measure on this machine, and compare two measurements."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from hidden_regime.cli.messages import Debug, messages, path_argument, path_option, say
from hidden_regime.data.unpacking import read_json
from hidden_regime.exceptions import ParameterError

benchmark_app = typer.Typer(
    invoke_without_command=True,
    help="Measure what caching and batching are worth here.\n\nExample: [bold]hidden-regime benchmark --quick[/]",
)
WORSE = 1
WRITTEN = "what `hidden-regime benchmark --out` wrote"
BROKEN = (LookupError, TypeError, AttributeError, ArithmeticError)
"""What a comparison of other files ends in."""
WIDTHS = (6, 6, 7, 8, 9, 9, 9, 10, 6, 5, 11, 9, 6)


@benchmark_app.callback()
def benchmark(
    context: typer.Context,
    quick: Annotated[bool, typer.Option("--quick", help="Fewer and smaller scenarios: under a minute.")] = False,
    out: Annotated[Path | None, path_option("Folder for benchmark.json, .md and .html.")] = None,
    count: Annotated[bool, typer.Option("--count", help="Count instructions as well, with valgrind.")] = False,
    debug: Debug = False,
) -> None:
    """Measure scenarios against hmmlearn in a loop, in the same run: single assets to hundreds, all schedules, all windows.

    Example: [bold]hidden-regime benchmark --quick --out benchmarks[/]
    """
    if context.invoked_subcommand is not None:
        return
    from hidden_regime.research.benchmarks import FULL, QUICK, run
    from hidden_regime.research.benchmarks.suite import COLUMNS, cells, heading, machine, write

    with messages(debug):
        say(heading(machine()))
        say(_line(COLUMNS))
        scenarios, repeats = (QUICK, 1) if quick else (FULL, 3)
        result = run(scenarios, repeats=repeats, count=count, on_done=lambda row: say(_line(cells(row))))
        for name, number in result["instructions"].items():
            say(f"instructions of {name}: {number:,.0f}")
        if out is not None:
            write(result, out)
            say(f"Results in {out}. Open {out / 'benchmark.html'} in a browser.")
        if not all(row["equal"] for row in result["scenarios"]):
            say("error: not all levers gave equal numbers.", "red", err=True)
            raise typer.Exit(WORSE)


def _line(values: Sequence[str]) -> str:
    return "".join(f"{value:>{width}}" for value, width in zip(values, WIDTHS, strict=True))


def _read(path: Path) -> Any:
    try:
        found = read_json(path)
        return {name: found[name] for name in ("machine", "scenarios", "instructions")}
    except (ValueError, KeyError, TypeError) as error:
        raise ParameterError("file", str(path), f"{WRITTEN} ({type(error).__name__})") from None


@benchmark_app.command()
def compare(
    old: Annotated[Path, path_argument("benchmark.json of before.")],
    new: Annotated[Path, path_argument("benchmark.json of now.")],
    band: Annotated[float | None, typer.Option(help="Least share of the old speed-up that is fine. Default: 0.5.")] = None,
    debug: Debug = False,
) -> None:
    """Compare ratios and instruction counts; exit code 1 if something has become worse beyond the band of noise.

    Example: [bold]hidden-regime benchmark compare old.json new.json[/]
    """
    from hidden_regime.research.benchmarks import compare as compare_results
    from hidden_regime.research.benchmarks.comparison import RATIO_BAND

    with messages(debug):
        if band is not None and not 0.0 < band < 1.0:
            raise ParameterError("--band", band, "a share between 0 and 1")
        try:
            findings = compare_results(_read(old), _read(new), ratio_band=band or RATIO_BAND)
        except BROKEN as error:
            raise ParameterError("file", f"{old}, {new}", f"{WRITTEN} ({type(error).__name__}: {error})") from None
        for finding in findings:
            say(f"{'worse' if finding.failed else 'note'}: {finding.name}: {finding.what}")
        if any(finding.failed for finding in findings):
            raise typer.Exit(WORSE)
        say("nothing has become worse.")
