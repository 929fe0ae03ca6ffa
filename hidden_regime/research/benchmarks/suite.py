"""Running scenarios, and what comes out as a table, JSON, Markdown and a picture."""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from hidden_regime import kernels
from hidden_regime.exceptions import RegimeError
from hidden_regime.files.whole import write_folder
from hidden_regime.research.benchmarks import instructions, rival
from hidden_regime.research.benchmarks.scenarios import Scenario

COLUMNS = ("assets", "days", "window", "retrain", "levers", "seconds", "us a bar", "trainings", "hits", "MB", "hmmlearn s",
           "speed-up", "equal")  # fmt: skip
PACKAGES = ("numpy", "pandas", "scipy", "numba", "hmmlearn")


class BenchmarkError(RegimeError):
    """A scenario that could not be measured."""


def machine() -> dict[str, Any]:
    """Where the figures come from."""
    packages = {}
    for name in PACKAGES:
        try:
            packages[name] = version(name)
        except PackageNotFoundError:
            continue
    return {
        "processor": _processor(), "cores": os.cpu_count(), "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(), "packages": packages, "kernels": kernels.arithmetic(),
    }  # fmt: skip


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor() or "unknown"
    names = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return names[0] if names else "unknown"


def run(scenarios: Sequence[Scenario], *, repeats: int = 3, count: bool = False,
        on_done: Callable[[dict[str, Any]], None] | None = None) -> dict[str, Any]:  # fmt: skip
    """Measure scenarios, each in a process of its own; the loop of hmmlearn once for those that differ in levers only.

    Parameters
    ----------
    scenarios : sequence of Scenario
    repeats : int
        Runs of each; the fastest counts.
    count : bool
        Count instructions too, if valgrind is installed.
    on_done : callable, optional
        Told of each scenario.

    Returns
    -------
    dict
        machine, scenarios and instructions. A scenario is `equal` if its every number is that of the first one that differs
        from it in levers only.
    """
    rows: list[dict[str, Any]] = []
    first: dict[tuple[Any, ...], dict[str, Any]] = {}
    for scenario in scenarios:
        key = scenario[:-1]
        row = _measured(scenario, repeats, rival.is_installed() and key not in first)
        base = first.setdefault(key, row)
        row["rival"] = base.get("rival")
        row["speed_up"] = None if row["rival"] is None else row["rival"]["seconds"] / row["seconds"]
        row["equal"] = row["digest"] == base["digest"]
        rows.append(row)
        if on_done is not None:
            on_done(row)
    counted = instructions.count() if count and instructions.is_installed() else {}
    return {"machine": machine(), "scenarios": rows, "instructions": counted}


def _measured(scenario: Scenario, repeats: int, with_rival: bool) -> dict[str, Any]:
    given = json.dumps({"scenario": list(scenario), "repeats": repeats, "rival": with_rival})
    command = [sys.executable, "-m", "hidden_regime.research.benchmarks.work", given]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise BenchmarkError(f"scenario {scenario.name!r} failed: {done.stderr.strip()[-500:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def cells(row: dict[str, Any]) -> list[str]:
    """One scenario as the table shows it."""
    bars = row["assets"] * row["days"]
    loop, gain = ("-", "-") if row["rival"] is None else (f"{row['rival']['seconds']:.1f}", f"{row['speed_up']:.0f}x")
    hits = "-" if row["hit_rate"] is None else f"{row['hit_rate']:.0%}"
    return [
        str(row["assets"]), str(row["days"]), str(row["lookback"]), str(row["retrain"]), row["mode"], f"{row['seconds']:.3f}",
        f"{row['seconds'] / bars * 1e6:.0f}", f"{row['trainings']:,}", hits, f"{row['megabytes']:.0f}", loop, gain,
        "yes" if row["equal"] else "NO",
    ]  # fmt: skip


def heading(facts: dict[str, Any]) -> str:
    """The machine in a line."""
    packages = ", ".join(f"{name} {number}" for name, number in facts["packages"].items())
    where = f"{facts['processor']}, {facts['cores']} cores, one used"
    return f"{where}; Python {facts['python']}, {packages}; kernels: {facts['kernels']}"


def to_markdown(result: dict[str, Any]) -> str:
    """The table as Markdown."""
    lines = [heading(result["machine"]), "", "| " + " | ".join(COLUMNS) + " |", "|" + " ---: |" * len(COLUMNS)]
    lines += ["| " + " | ".join(cells(row)) + " |" for row in result["scenarios"]]
    for name, number in result["instructions"].items():
        lines += ["", f"Instructions of {name}, each asset: {number:,.0f}"]
    return "\n".join(lines) + "\n"


def to_html(result: dict[str, Any]) -> str:
    """A picture of the speed-ups, as a page that opens without a network."""
    import plotly.graph_objects as go

    shades = {"none": "#b5cce8", "caching": "#7fa8d6", "batching": "#3f7fc0", "both": "#143d6b"}
    figure = go.Figure()
    for mode, shade in shades.items():
        rows = [row for row in result["scenarios"] if row["mode"] == mode and row["speed_up"] is not None]
        names = [
            f"{row['assets']} asset{'s' * (row['assets'] > 1)}, {row['retrain']}, window {row['lookback']}, {row['days']} days"
            for row in rows
        ]
        figure.add_bar(y=names, x=[row["speed_up"] for row in rows], name=mode, orientation="h", marker_color=shade,
                       text=[f"{row['speed_up']:.0f}x" for row in rows], textposition="outside", cliponaxis=False)  # fmt: skip
    count = len({row["name"].rpartition(",")[0] for row in result["scenarios"]})
    title = f"Times faster than hmmlearn in a loop<br><sup>{heading(result['machine'])}</sup>"
    figure.update_layout(
        title={"text": title}, height=160 + 90 * count, template="plotly_white", legend_title="levers", bargap=0.25
    )
    figure.update_layout(margin={"l": 260, "t": 90, "r": 60})
    figure.update_xaxes(title="speed-up", rangemode="tozero")
    figure.update_yaxes(autorange="reversed")
    return str(figure.to_html(include_plotlyjs=True, div_id="speed-up", config={"displayModeBar": False}))


def write(result: dict[str, Any], folder: Path) -> None:
    """benchmark.json, benchmark.md and benchmark.html."""
    files = {"json": json.dumps(result, indent=1) + "\n", "md": to_markdown(result), "html": to_html(result)}
    write_folder(folder, {f"benchmark.{ending}": content for ending, content in files.items()})
